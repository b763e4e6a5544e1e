"""When a parcel leaves a location and when it arrives: cut-off, calendar and capacity in the location's own zone."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.sourcing.problem import LocationSnapshot

HORIZON_DAYS = 60
FRIDAY = 5
ONE_DAY = timedelta(days=1)


class LocalTimes:
    """One moment, as the clocks of the locations show it; many locations share a time zone."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.known: dict[str, datetime] = {}

    def at(self, location: LocationSnapshot) -> datetime:
        local = self.known.get(location.timezone)
        if local is None:
            local = self.known[location.timezone] = self.now.astimezone(ZoneInfo(location.timezone))
        return local


def ship_date(location: LocationSnapshot, local: datetime) -> date | None:
    """The first local working day with a parcel of capacity left; None when the next 60 days have none."""
    day = local.date() if local.time() < location.cut_off else local.date() + ONE_DAY
    for _ in range(HORIZON_DAYS):
        if _is_open(location, day):
            return day
        day += ONE_DAY
    return None


def _is_open(location: LocationSnapshot, day: date) -> bool:
    if day.isoweekday() not in location.working_days or day in location.closed_on:
        return False
    capacity = location.capacity_per_day
    return capacity is None or location.parcels_on.get(day, 0) < capacity


@lru_cache(maxsize=256)
def delivery_date(ship_on: date, transit_days: int) -> date:
    """Carriers count Monday to Friday."""
    day = ship_on
    while transit_days:
        day += ONE_DAY
        if day.isoweekday() <= FRIDAY:
            transit_days -= 1
    return day
