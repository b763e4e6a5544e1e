"""When parcels leave and arrive, on the location's own clock and calendar."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.sourcing import source
from domain.sourcing.dates import LocalTimes, delivery_date, ship_date
from domain.sourcing.problem import LocationSnapshot
from tests.domain.sourcing.make import location, order, rules

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4)


def leaves(place: LocationSnapshot, now: datetime) -> date | None:
    return ship_date(place, LocalTimes(now).at(place))


@pytest.mark.parametrize(
    ("timezone", "hour", "expected"),
    [
        ("UTC", 13, MONDAY),
        ("UTC", 14, TUESDAY),
        ("America/Los_Angeles", 21, MONDAY),  # 13:00 there, after the end of daylight saving
        ("America/Los_Angeles", 22, TUESDAY),
        ("Asia/Tokyo", 4, MONDAY),
        ("Asia/Tokyo", 16, TUESDAY),  # Tuesday 01:00 there, before Tuesday's cut-off
    ],
)
def test_the_cut_off_is_local(timezone: str, hour: int, expected: date) -> None:
    place = location("A", timezone=timezone, cut_off="14:00")

    assert expected == leaves(place, datetime(2026, 11, 2, hour, tzinfo=UTC))


def test_the_cut_off_follows_daylight_saving() -> None:
    place = location("A", timezone="Europe/Berlin", cut_off="14:00", working_days=range(1, 8))
    saturday, sunday = datetime(2026, 10, 24, 12, 30, tzinfo=UTC), datetime(2026, 10, 25, 12, 30, tzinfo=UTC)

    assert leaves(place, saturday) == date(2026, 10, 25)
    assert leaves(place, sunday) == date(2026, 10, 25)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"closed_on": ["2026-11-02"]}, TUESDAY),
        ({"working_days": [3]}, WEDNESDAY),
        ({"capacity_per_day": 2, "parcels_on": {"2026-11-02": 2, "2026-11-03": 1}}, TUESDAY),
        ({"capacity_per_day": 2, "parcels_on": {"2026-11-02": 3, "2026-11-03": 2}}, WEDNESDAY),
        ({"capacity_per_day": 0}, None),
    ],
)
def test_a_parcel_leaves_on_the_first_open_day_with_capacity(facts: dict[str, Any], expected: date | None) -> None:
    assert expected == leaves(location("A", **facts), datetime(2026, 11, 2, 9, tzinfo=UTC))


def test_carriers_rest_at_weekends() -> None:
    friday = date(2026, 11, 6)

    assert delivery_date(friday, 1) == date(2026, 11, 9)
    assert delivery_date(friday, 0) == friday


def test_a_full_day_makes_a_location_late_and_lose() -> None:
    full = location("FULL", capacity_per_day=1, parcels_on={"2026-11-02": 1})
    problem = order(full, location("OPEN", handling_minor=50), promised_on=TUESDAY)

    plan = source(problem, rules({"lateness_penalty_minor_per_day": 60}))

    assert plan.parcels[0].location_id == "OPEN"
    assert plan.parcels[0].deliver_on == TUESDAY
    assert plan.candidates[0].detail == "lateness"
