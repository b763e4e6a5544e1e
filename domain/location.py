"""What a location is like: the part of it that people set and sourcing reads."""

from collections.abc import Mapping
from datetime import date, time
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field

from domain.base import Frozen
from domain.sourcing.problem import (
    SORTED_IN_JSON,
    Count,
    Country,
    LocationKind,
    LocationSnapshot,
    Minor,
    Point,
    known_zone,
)

Hours = Annotated[float, Field(gt=0)]
Weekday = Annotated[int, Field(ge=1, le=7)]


class LocationProfile(Frozen):
    """Where it is, when it works, what it costs and how long it may take to answer.

    `working_days` are ISO weekdays, Monday is 1; `cut_off` is local time; `capacity_per_day` counts parcels.
    """

    model_config = ConfigDict(extra="forbid")

    country: Country
    postal_code: str = ""
    line1: str = ""
    city: str = ""
    province: str = ""
    phone: str = ""
    region: str = ""
    point: Point | None = None
    timezone: Annotated[str, AfterValidator(known_zone)] = "UTC"
    cut_off: time = time(14, 0)
    working_days: Annotated[frozenset[Weekday], SORTED_IN_JSON] = frozenset({1, 2, 3, 4, 5})
    closed_on: Annotated[frozenset[date], SORTED_IN_JSON] = frozenset()
    capacity_per_day: Count | None = None
    handling_minor: Minor = 0
    labor_minor_per_unit: Minor = 0
    low_stock_threshold: Count = 0
    accepts_hazmat: bool = True
    offers_pickup: bool = False
    accept_within_hours: Hours = 24
    ship_within_hours: Hours = 72
    pickup_expires_hours: Hours = 168

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read a stored profile."""
        return cls.model_validate(stored)

    def snapshot(
        self,
        location_id: str,
        kind: str,
        *,
        enabled: bool,
        stock: Mapping[str, int],
        parcels_on: Mapping[str, int],
    ) -> LocationSnapshot:
        """The location at the moment of a decision."""
        still = _still(self, location_id, kind, enabled)
        days = {date.fromisoformat(day): used for day, used in parcels_on.items()}
        return still.model_copy(update={"stock": dict(stock), "parcels_on": days})


class Location(Frozen):
    """One location; `connection_id` is who is asked to ship from here, `external_id` how that one calls it."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]
    name: Annotated[str, Field(min_length=1)]
    kind: LocationKind
    connection_id: str
    external_id: str = ""
    enabled: bool = True
    profile: LocationProfile


@lru_cache(maxsize=4096)
def _still(profile: LocationProfile, location_id: str, kind: str, enabled: bool) -> LocationSnapshot:
    """The part that seldom changes: validated once per profile, not once per decision."""
    shared = profile.model_dump(include=set(LocationSnapshot.model_fields))
    return LocationSnapshot(id=location_id, kind=LocationKind(kind), enabled=enabled, **shared)
