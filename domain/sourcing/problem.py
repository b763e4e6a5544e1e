"""What a sourcing decision is made from: the order's open demand and a snapshot of every location."""

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer, model_validator

from domain.base import Frozen

Minor = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
SORTED_IN_JSON = PlainSerializer(sorted, return_type=list, when_used="json")  # equal sets, equal bytes
Names = Annotated[frozenset[str], SORTED_IN_JSON]


def known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:  # OSError: a folder of the database, such as "Europe"
        raise ValueError(f"{name!r} is no IANA time zone; write one such as Europe/Berlin") from wrong
    return name


class LocationKind(StrEnum):
    WAREHOUSE = "warehouse"
    STORE = "store"
    THIRD_PARTY = "3pl"


class Point(Frozen):
    latitude: Latitude
    longitude: Longitude


class Destination(Frozen):
    """Where the order goes, without a person in it: no name, no street."""

    country: Country
    postal_prefix: str = ""
    point: Point | None = None


class DemandLine(Frozen):
    """Open demand of one order line; `weight_g` is of one unit.

    Bundles arrive here as their components: lines of one `bundle`, `per_bundle` units of each making a set.
    Two lines may ask for the same item: they share its stock.
    """

    line_id: str
    item_id: str
    quantity: Annotated[int, Field(gt=0)]
    weight_g: Count = 0
    hazmat: bool = False
    sku_class: str = ""
    bundle: str = ""
    per_bundle: Annotated[int, Field(gt=0)] = 1


class LocationSnapshot(Frozen):
    """A location at the moment of the decision.

    `capacity_per_day` counts parcels; `parcels_on` says how many each local day already has.
    `working_days` are ISO weekdays, Monday is 1. `cut_off` is local: an order seen later leaves on the next working day.
    `stock` is available-to-promise of sellable units.
    """

    id: str
    kind: LocationKind
    country: Country
    region: str = ""
    point: Point | None = None
    timezone: Annotated[str, AfterValidator(known_zone)]
    cut_off: time = time(14, 0)
    working_days: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], SORTED_IN_JSON] = frozenset({1, 2, 3, 4, 5})
    closed_on: Annotated[frozenset[date], SORTED_IN_JSON] = frozenset()
    capacity_per_day: Count | None = None
    parcels_on: Mapping[date, Count] = {}
    handling_minor: Minor = 0
    labor_minor_per_unit: Minor = 0
    stock: Mapping[str, Count] = {}
    low_stock_threshold: Count = 0
    accepts_hazmat: bool = True
    offers_pickup: bool = False
    enabled: bool = True


class SourcingProblem(Frozen):
    """Everything one decision depends on beside the rules; stored with the decision, so that it can be re-run.

    `excluded_locations` maps a location to the reason why this order may not use it (it rejected, it was silent).
    """

    order_id: str
    round: Count = 0
    channel: str
    tags: Names = frozenset()
    destination: Destination
    value_minor: Minor
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    demand: Annotated[tuple[DemandLine, ...], Field(min_length=1)]
    ship_complete: bool = False
    pickup_location_id: str | None = None
    excluded_locations: Mapping[str, str] = {}
    now: AwareDatetime
    promised_on: date | None = None
    locations: tuple[LocationSnapshot, ...]

    @model_validator(mode="after")
    def _check_identity(self) -> Self:
        _refuse_repeats("demand", "line_id", [line.line_id for line in self.demand])
        _refuse_repeats("locations", "id", [location.id for location in self.locations])
        facts: dict[str, tuple[int, bool]] = {}
        for line in self.demand:
            if facts.setdefault(line.item_id, (line.weight_g, line.hazmat)) != (line.weight_g, line.hazmat):
                raise ValueError(f"demand: lines of item {line.item_id!r} differ in weight or hazmat; make them agree")
        _refuse_halves(self.demand)
        return self


def _refuse_halves(demand: tuple[DemandLine, ...]) -> None:
    sets: dict[str, int] = {}
    items: set[tuple[str, str]] = set()
    for line in demand:
        if not line.bundle:
            continue
        count, rest = divmod(line.quantity, line.per_bundle)
        if rest or sets.setdefault(line.bundle, count) != count:
            raise ValueError(f"demand: the lines of bundle {line.bundle!r} are no whole sets; leave out `bundle`")
        if (line.bundle, line.item_id) in items:
            raise ValueError(f"demand: bundle {line.bundle!r} names item {line.item_id!r} twice; add them up")
        items.add((line.bundle, line.item_id))


def _refuse_repeats(field: str, key: str, values: list[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{field}: {key} {value!r} appears twice; give each its own")
        seen.add(value)
