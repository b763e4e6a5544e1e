"""What sourcing answers: the routing plan with its costs, its proof, and what became of every candidate."""

from datetime import date
from enum import StrEnum

from domain.base import Frozen


class CostBreakdown(Frozen):
    """Cost of one parcel by its reason, in minor units; the first parcel of a plan bears no split penalty."""

    shipping_minor: int = 0
    handling_minor: int = 0
    labor_minor: int = 0
    low_stock_minor: int = 0
    lateness_minor: int = 0
    split_minor: int = 0

    @property
    def total_minor(self) -> int:
        return (
            self.shipping_minor
            + self.handling_minor
            + self.labor_minor
            + self.low_stock_minor
            + self.lateness_minor
            + self.split_minor
        )


class PlannedLine(Frozen):
    line_id: str
    item_id: str
    quantity: int


class PlannedParcel(Frozen):
    """What one location is to send; becomes one fulfillment order. `zone` is None for a pickup."""

    location_id: str
    lines: tuple[PlannedLine, ...]
    zone: str | None
    ship_on: date
    deliver_on: date
    cost: CostBreakdown

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)


class ShortfallReason(StrEnum):
    NO_RULE = "no_rule"
    NO_STOCK = "no_stock"
    PARCEL_LIMIT = "parcel_limit"
    BUNDLE = "bundle"
    HELD_BACK = "held_back"


class Shortfall(Frozen):
    """Units of a line that no parcel of the plan carries, one per line; `backordered`: the rule lets them wait.

    `reason` is NO_STOCK as soon as stock is missing for one of the units.
    """

    line_id: str
    item_id: str
    quantity: int
    reason: ShortfallReason
    backordered: bool


class Verdict(StrEnum):
    """What became of a location; everything but CHOSEN is the reason why it lost."""

    CHOSEN = "chosen"
    DISABLED = "disabled"
    EXCLUDED_FOR_ORDER = "excluded_for_order"
    EXCLUDED_BY_RULE = "excluded_by_rule"
    NOT_PICKUP_LOCATION = "not_pickup_location"
    NO_PICKUP = "no_pickup"
    KIND = "kind"
    REGION = "region"
    DISTANCE = "distance"
    DISTANCE_UNKNOWN = "distance_unknown"
    NO_LANE = "no_lane"
    HAZMAT = "hazmat"
    NO_STOCK = "no_stock"
    CAPACITY = "capacity"
    BUNDLE = "bundle"
    PARCEL_LIMIT = "parcel_limit"
    COST = "cost"
    TIE = "tie"
    COVERS_LESS = "covers_less"
    HELD_BACK = "held_back"


class Candidate(Frozen):
    """A location in the decision, as facts; `explain.sentence` puts them into words.

    `score_minor` is the least that any plan using it can cost (None: no complete plan can use it).
    It is exact when `alone_minor`, the cost of sending everything from here, equals it; otherwise a proven lower bound.
    `detail` is what the verdict turns on: the kind, the distance, the reason of an exclusion, the cost that was too high.
    """

    location_id: str
    verdict: Verdict
    detail: str = ""
    score_minor: int | None = None
    alone_minor: int | None = None
    units: int = 0
    distance_km: int | None = None
    zone: str | None = None


class RoutingPlan(Frozen):
    """The answer for one order and round.

    No plan within the rule's limits covers more units; among those that cover as many, none costs less by more than
    `proven_gap_minor`. If `proven_gap_units` is not 0, the search ended early and up to so many more units might be covered.
    """

    order_id: str
    round: int
    rules_version: str
    rule: str | None
    currency: str
    parcels: tuple[PlannedParcel, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    proven_gap_minor: int = 0
    proven_gap_units: int = 0
    nodes: int = 0
    candidates: tuple[Candidate, ...] = ()

    @property
    def total_minor(self) -> int:
        return sum(parcel.cost.total_minor for parcel in self.parcels)

    @property
    def units_sent(self) -> int:
        return sum(parcel.units for parcel in self.parcels)

    @property
    def is_optimal(self) -> bool:
        return self.proven_gap_minor == 0 and self.proven_gap_units == 0

    @property
    def is_backorder(self) -> bool:
        """Nothing can leave now, and the rule lets the order wait."""
        return not self.parcels and any(shortfall.backordered for shortfall in self.shortfalls)
