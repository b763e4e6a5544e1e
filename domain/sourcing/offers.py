"""What every location offers for an order: it is refused with a verdict, or it gets its costs, dates and supply."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from domain.sourcing.dates import LocalTimes, delivery_date, ship_date
from domain.sourcing.distance import great_circle_km, locate
from domain.sourcing.plan import Verdict
from domain.sourcing.problem import LocationSnapshot, SourcingProblem
from domain.sourcing.rules import Lane, SourcingRule, SourcingRules, Zone

PICKUP = Zone(base_minor=0, per_step_minor=0, transit_days=0)


@dataclass(frozen=True, slots=True)
class Item:
    """Demand for one item, all lines together."""

    id: str
    quantity: int
    weight_g: int
    hazmat: bool


@dataclass(slots=True)
class Offer:
    """A location that may serve the order; `supply` and `free` are units by item index.

    Taking more than `free` units of an item digs into the low-stock threshold and is penalized per unit.
    """

    location: LocationSnapshot
    distance_km: int | None
    zone_name: str | None
    zone: Zone
    ship_on: date
    deliver_on: date
    lateness_minor: int
    supply: list[int]
    free: list[int]

    @property
    def fixed_minor(self) -> int:
        """Paid once for the parcel, whatever is in it."""
        return self.zone.base_minor + self.location.handling_minor + self.lateness_minor


@dataclass(slots=True)
class Refusal:
    location: LocationSnapshot
    verdict: Verdict
    detail: str = ""
    distance_km: int | None = None


def items_of(problem: SourcingProblem) -> list[Item]:
    """Demand summed per item, in the order in which the lines name them."""
    wanted: dict[str, int] = {}
    for line in problem.demand:
        wanted[line.item_id] = wanted.get(line.item_id, 0) + line.quantity
    facts = {line.item_id: line for line in problem.demand}
    return [Item(key, units, facts[key].weight_g, facts[key].hazmat) for key, units in wanted.items()]


def appraiser(
    problem: SourcingProblem, rules: SourcingRules, rule: SourcingRule, items: list[Item]
) -> Callable[[LocationSnapshot], Offer | Refusal]:
    """A function that judges one location; what is the same for all of them is worked out once, here."""
    point = locate(problem.destination, rules.centroids)
    lanes = _lanes_to(problem, rules)
    clocks = LocalTimes(problem.now)

    def appraise(location: LocationSnapshot) -> Offer | Refusal:
        km = None if point is None or location.point is None else great_circle_km(point, location.point)
        refused = _refused(location, km, problem, rule)
        if refused is not None:
            return Refusal(location, *refused, distance_km=km)
        name, zone = _zone(location, km, problem, lanes, rules)
        if zone is None:
            return Refusal(location, Verdict.NO_LANE, distance_km=km)
        supply = _supply(location, items)
        if not any(supply):
            verdict = Verdict.HAZMAT if _only_hazmat_is_there(location, items) else Verdict.NO_STOCK
            return Refusal(location, verdict, distance_km=km)
        ship_on = ship_date(location, clocks.at(location))
        if ship_on is None:
            return Refusal(location, Verdict.CAPACITY, distance_km=km)
        deliver_on = delivery_date(ship_on, zone.transit_days)
        late_days = 0 if problem.promised_on is None else max(0, (deliver_on - problem.promised_on).days)
        return Offer(
            location=location,
            distance_km=km,
            zone_name=name,
            zone=zone,
            ship_on=ship_on,
            deliver_on=deliver_on,
            lateness_minor=late_days * rule.lateness_penalty_minor_per_day,
            supply=supply,
            free=_free(location, items, supply, rule),
        )

    return appraise


def _refused(
    location: LocationSnapshot, km: int | None, problem: SourcingProblem, rule: SourcingRule
) -> tuple[Verdict, str] | None:
    """The first hard limit that the location breaks."""
    if not location.enabled:
        return Verdict.DISABLED, ""
    if location.id in problem.excluded_locations:
        return Verdict.EXCLUDED_FOR_ORDER, problem.excluded_locations[location.id]
    if location.id in rule.excluded_location_ids:
        return Verdict.EXCLUDED_BY_RULE, ""
    if problem.pickup_location_id is not None:
        return _refused_for_pickup(location, problem.pickup_location_id)
    return _refused_for_shipping(location, km, rule)


def _refused_for_shipping(location: LocationSnapshot, km: int | None, rule: SourcingRule) -> tuple[Verdict, str] | None:
    if rule.kinds and location.kind not in rule.kinds:
        return Verdict.KIND, location.kind
    if rule.regions and location.region not in rule.regions:
        return Verdict.REGION, location.region or "none"
    if rule.max_distance_km is None:
        return None
    if km is None:
        return Verdict.DISTANCE_UNKNOWN, ""
    return (Verdict.DISTANCE, f"{km} km, at most {rule.max_distance_km} km") if km > rule.max_distance_km else None


def _refused_for_pickup(location: LocationSnapshot, pickup_location_id: str) -> tuple[Verdict, str] | None:
    """The buyer chose the store: where it stands and what kind it is no longer matter."""
    if location.id != pickup_location_id:
        return Verdict.NOT_PICKUP_LOCATION, pickup_location_id
    return None if location.offers_pickup else (Verdict.NO_PICKUP, "")


def _lanes_to(problem: SourcingProblem, rules: SourcingRules) -> list[Lane]:
    to = problem.destination
    return [
        lane
        for lane in rules.lanes
        if lane.to_country in {None, to.country}
        and (not lane.to_postal_prefixes or to.postal_prefix.startswith(lane.to_postal_prefixes))
    ]


def _zone(
    location: LocationSnapshot, km: int | None, problem: SourcingProblem, lanes: list[Lane], rules: SourcingRules
) -> tuple[str | None, Zone | None]:
    if problem.pickup_location_id is not None:
        return None, PICKUP
    for lane in lanes:
        if (
            (lane.from_location_id is None or lane.from_location_id == location.id)
            and (lane.from_country is None or lane.from_country == location.country)
            and (lane.from_region is None or lane.from_region == location.region)
            and (lane.up_to_km is None or (km is not None and km <= lane.up_to_km))
        ):
            return lane.zone, rules.zones[lane.zone]
    return None, None


def _supply(location: LocationSnapshot, items: list[Item]) -> list[int]:
    stock = location.stock.get
    supply = [have if (have := stock(item.id, 0)) < item.quantity else item.quantity for item in items]
    if location.accepts_hazmat:
        return supply
    return [0 if item.hazmat else have for item, have in zip(items, supply, strict=True)]


def _free(location: LocationSnapshot, items: list[Item], supply: list[int], rule: SourcingRule) -> list[int]:
    threshold = location.low_stock_threshold
    if not threshold or not rule.low_stock_penalty_minor_per_unit:
        return supply
    stock = location.stock.get
    spare = [stock(item.id, 0) - threshold for item in items]
    return [have if have <= left else max(left, 0) for have, left in zip(supply, spare, strict=True)]


def _only_hazmat_is_there(location: LocationSnapshot, items: list[Item]) -> bool:
    return any(item.hazmat and location.stock.get(item.id, 0) for item in items)
