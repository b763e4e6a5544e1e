"""Routing: the snapshot that a decision is made from, and the one transaction that makes it true."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, func, insert, select, update

from db import window_losses
from db.facts import Fact, record
from db.fulfillment import CAPACITY
from db.ledger import LEVELS, RESERVATIONS, WAITING, Units, release, reserve
from db.order_reading import DECISIONS, FULFILLMENT_LINES, FULFILLMENT_ORDERS, ITEMS, ORDERS, WAITING_LINES, load
from db.restock import LOCATIONS, allocate
from db.tables.connections import LocationMappingRow
from db.tables.governance import SourcingRulesRow
from db.upsert import insert_once
from domain.errors import DomainError
from domain.location import LocationProfile
from domain.order_state import BUNDLE_APART, HELD_BACK, NO_STOCK, STOCK_REFUSED, WILL_NOT, OrderState
from domain.sourcing.plan import PlannedParcel, RoutingPlan, Shortfall, ShortfallReason
from domain.sourcing.problem import DemandLine, Destination, LocationSnapshot, SourcingProblem
from domain.sourcing.rules import SourcingRules

MAPPINGS = LocationMappingRow.__table__  # type: ignore[attr-defined]
RULES = SourcingRulesRow.__table__  # type: ignore[attr-defined]

BACKORDER_PATIENCE = timedelta(days=30)
_SEPARATOR = "|"
_COUNTRY = re.compile(r"[A-Z]{2}")


_THIS_ORDER: BindParameter[str] = bindparam("order_id")
_ORDER: Select[Any] = select(
    ORDERS.c.promised_on,
    ORDERS.c.ship_complete,
    ORDERS.c.tags,
    ORDERS.c.total_minor,
    ORDERS.c.currency,
    ORDERS.c.country,
    ORDERS.c.postal_prefix,
).where(ORDERS.c.id == _THIS_ORDER)
_ITEMS = select(ITEMS).where(ITEMS.c.id.in_(bindparam("items", expanding=True)))
_ACTIVE_RULES = select(RULES.c.body).where(RULES.c.active)
_LAST_ROUND = select(func.max(DECISIONS.c.round)).where(DECISIONS.c.order_id == _THIS_ORDER)
_LEVELS = select(LEVELS.c.location_id, LEVELS.c.item_id, LEVELS.c.on_hand, LEVELS.c.reserved).where(
    LEVELS.c.item_id.in_(bindparam("items", expanding=True)), LEVELS.c.condition == "sellable"
)
_ALLOCATED = select(RESERVATIONS).where(RESERVATIONS.c.order_id == _THIS_ORDER, RESERVATIONS.c.holder == WAITING)
_USED_DAYS = select(CAPACITY).where(CAPACITY.c.used > 0)
_LOCATIONS = select(LOCATIONS.c.id, LOCATIONS.c.kind, LOCATIONS.c.enabled, LOCATIONS.c.profile).order_by(LOCATIONS.c.id)
_CONNECTIONS = select(LOCATIONS.c.id, LOCATIONS.c.connection_id).where(
    LOCATIONS.c.id.in_(bindparam("locations", expanding=True))
)
_INSERT_FULFILLMENT_ORDER, _INSERT_FULFILLMENT_LINES = insert(FULFILLMENT_ORDERS), insert(FULFILLMENT_LINES)
_TAKE_CAPACITY = (
    update(CAPACITY)
    .where(
        CAPACITY.c.location_id == bindparam("location"),
        CAPACITY.c.day == bindparam("on"),
        CAPACITY.c.used < bindparam("most"),
    )
    .values(used=CAPACITY.c.used + 1)
)
_UNLIMITED = 2**31 - 1


class Question(NamedTuple):
    """A problem with the rules to solve it by, and the state of the order that it was read from."""

    problem: SourcingProblem
    rules: SourcingRules
    seq: int


class LostError(Exception):
    """Something changed between reading and writing: somebody else took the stock, or a fact arrived."""


def ask(tx: Connection, order: OrderState, now: datetime) -> Question:
    """Read everything that the decision depends on, in one snapshot."""
    row = tx.execute(_ORDER, {"order_id": order.id}).one()
    demand = order.open_demand()
    parts = Counter(d.line_id for d in demand)
    sets = _whole_sets(order)
    items = {r.id: r for r in tx.execute(_ITEMS, {"items": [d.item_id for d in demand]})}
    locations = _locations(tx, order.id, set(items))
    pickup = _pickup(tx, order, {location.id for location in locations})
    _must_offer_pickup(order, pickup)
    problem = SourcingProblem(
        order_id=order.id,
        round=_round(tx, order.id),
        channel=order.connection_id,
        tags=frozenset(row.tags),
        destination=_destination(row, pickup, locations),
        value_minor=row.total_minor,
        currency=row.currency,
        demand=tuple(
            DemandLine(
                line_id=d.line_id if parts[d.line_id] == 1 else f"{d.line_id}{_SEPARATOR}{d.item_id}",
                item_id=d.item_id,
                quantity=d.quantity,
                weight_g=items[d.item_id].weight_g,
                hazmat=items[d.item_id].is_hazmat,
                sku_class=items[d.item_id].sku_class,
                bundle=d.line_id if d.line_id in sets else "",
                per_bundle=sets.get(d.line_id, {}).get(d.item_id, 1),
            )
            for d in demand
        ),
        ship_complete=row.ship_complete,
        promised_on=date.fromisoformat(row.promised_on) if row.promised_on else None,
        pickup_location_id=pickup,
        excluded_locations={f.location_id: f.reason or f.state for f in order.fulfillment_orders if f.said_no},
        now=now,
        locations=locations,
    )
    return Question(problem, active_rules(tx), order.seq)


def _whole_sets(order: OrderState) -> dict[str, dict[str, int]]:
    """Units of each component by line, of bundles that are still whole: what is left of a set goes as it can."""
    missing = {(d.line_id, d.item_id): d.quantity for d in order.open_demand()}
    found = {}
    for line in order.lines:
        sets = {missing.get((line.line_id, item), 0) / units for item, units in line.components}
        if (
            sum(units for _, units in line.components) > 1
            and len(sets) == 1
            and (count := sets.pop())
            and count % 1 == 0
        ):
            found[line.line_id] = dict(line.components)
    return found


def active_rules(tx: Connection) -> SourcingRules:
    """The rules in force; DomainError when nobody has activated any."""
    body = tx.execute(_ACTIVE_RULES).scalar()
    if body is None:
        raise DomainError("no_sourcing_rules", "no sourcing rules are active; run `tutti apply` or activate a version")
    return SourcingRules.model_validate(body)


def _round(tx: Connection, order_id: str) -> int:
    last = tx.execute(_LAST_ROUND, {"order_id": order_id}).scalar()
    return 0 if last is None else int(last) + 1


def _pickup(tx: Connection, order: OrderState, known: set[str]) -> str | None:
    """Our location that the buyer picks up at; the channel's place may have been mapped since the order came."""
    named = order.pickup_location_id
    if named is None or named in known:
        return named
    mapped = tx.execute(
        select(MAPPINGS.c.location_id).where(
            MAPPINGS.c.connection_id == order.connection_id, MAPPINGS.c.external_id == named
        )
    ).scalar()
    if mapped is None:
        raise DomainError("unknown_pickup_location", f"no location {named!r}; map the channel's location")
    return str(mapped)


def _must_offer_pickup(order: OrderState, pickup: str | None) -> None:
    """There is no other place to collect from: whether to cancel, or to ask the buyer, is for a person."""
    for f in order.fulfillment_orders:
        if f.location_id == pickup and f.state in WILL_NOT:
            raise DomainError(
                f"pickup_{f.state}", f"{pickup} does not keep it for the buyer any more; cancel the order"
            )


def _destination(row: Row[Any], pickup: str | None, locations: tuple[LocationSnapshot, ...]) -> Destination:
    """A pickup goes where it is picked up."""
    here = next((location for location in locations if location.id == pickup), None)
    if here is not None:
        return Destination(country=here.country, point=here.point)
    if not _COUNTRY.fullmatch(row.country):
        raise DomainError(
            "unknown_country", f"country: {row.country!r} is no ISO 3166-1 alpha-2 code; change the address"
        )
    return Destination(country=row.country, postal_prefix=row.postal_prefix)


def _locations(tx: Connection, order_id: str, items: set[str]) -> tuple[LocationSnapshot, ...]:
    stock: dict[str, dict[str, int]] = {}
    for level in tx.execute(_LEVELS, {"items": list(items)}):
        stock.setdefault(level.location_id, {})[level.item_id] = max(0, level.on_hand - level.reserved)
    for held in tx.execute(_ALLOCATED, {"order_id": order_id}):
        here = stock.setdefault(held.location_id, {})
        here[held.item_id] = here.get(held.item_id, 0) + held.quantity
    used: dict[str, dict[str, int]] = {}
    for day in tx.execute(_USED_DAYS):
        used.setdefault(day.location_id, {})[day.day] = day.used
    return tuple(
        LocationProfile.of(row.profile).snapshot(
            row.id, row.kind, enabled=row.enabled, stock=stock.get(row.id, {}), parcels_on=used.get(row.id, {})
        )
        for row in tx.execute(_LOCATIONS)
    )


def carry_out(tx: Connection, question: Question, plan: RoutingPlan, solve_ms: int, now: datetime) -> None:
    """Store the decision, reserve its stock and capacity, and make its fulfillment orders; LostError undoes it all."""
    order = load(tx, plan.order_id)
    if order.seq != question.seq:
        raise LostError("a fact arrived meanwhile")
    decision = {
        "order_id": order.id, "round": plan.round, "decided_at": now, "rules_version": plan.rules_version,
        "problem": question.problem.model_dump(mode="json"), "plan": plan.model_dump(mode="json"), "solve_ms": solve_ms,
    }  # fmt: skip
    if not insert_once(tx, DECISIONS, [decision]):
        raise LostError("another run decided this round")
    if not order.is_shadow:
        freed = release(tx, order.id, WAITING, at=now)
        _fulfill(tx, order, plan, question.problem.locations, now)
        _wait(
            tx,
            order,
            {(_line(s.line_id), s.item_id): (s.quantity, _why(s, question.problem)) for s in plan.shortfalls},
            now,
        )
        _pass_on(tx, order.id, freed, now)
    facts = [Fact("routed", f"routed:{plan.round}", now, "tutti", _summary(plan))]
    if plan.shortfalls:
        short = {s.line_id: s.quantity for s in plan.shortfalls}
        facts.append(Fact("backordered", f"backordered:{plan.round}", now, "tutti", {"units": short}))
    record(tx, order.id, facts, now)


def _summary(plan: RoutingPlan) -> dict[str, Any]:
    return {"round": plan.round, "rule": plan.rule, "locations": [p.location_id for p in plan.parcels]}


def _fulfill(
    tx: Connection, order: OrderState, plan: RoutingPlan, locations: tuple[LocationSnapshot, ...], now: datetime
) -> None:
    chosen = [parcel.location_id for parcel in plan.parcels]
    connections = {row.id: row.connection_id for row in tx.execute(_CONNECTIONS, {"locations": chosen})}
    limits = {location.id: location.capacity_per_day for location in locations}
    for number, parcel in enumerate(plan.parcels, start=len(order.fulfillment_orders) + 1):
        f_id = f"{order.id}-F{number}"
        units = [_units(line.line_id, line.item_id, parcel.location_id, line.quantity) for line in parcel.lines]
        if not reserve(tx, order.id, f_id, units, at=now) or not _take_capacity(tx, parcel, limits[parcel.location_id]):
            raise LostError("stock or capacity went to somebody else")
        tx.execute(
            _INSERT_FULFILLMENT_ORDER,
            {
                "id": f_id, "order_id": order.id, "number": number, "round": plan.round,
                "location_id": parcel.location_id, "connection_id": connections[parcel.location_id],
                "state": "planned", "recall": "", "recall_asks": 0, "reason": "",
                "is_pickup": order.delivery == "pickup", "address_version": order.address_version, "external_id": "",
                "ship_on": parcel.ship_on.isoformat(), "created_at": now,
            },
        )  # fmt: skip
        tx.execute(
            _INSERT_FULFILLMENT_LINES,
            [
                {
                    "fulfillment_order_id": f_id, "order_id": order.id, "line_id": u.line_id, "item_id": u.item_id,
                    "quantity": u.quantity, "shipped": 0,
                }
                for u in units
            ],
        )  # fmt: skip


def _pass_on(tx: Connection, order_id: str, freed: tuple[Units, ...], now: datetime) -> None:
    """What was allocated to the order and serves it elsewhere or not at all goes to those behind it in the queue."""
    if not freed:
        return
    behind = tx.execute(select(ORDERS.c.id, ORDERS.c.priority, ORDERS.c.placed_at).where(ORDERS.c.id == order_id)).one()
    for item_id, location_id in sorted({(unit.item_id, unit.location_id) for unit in freed}):
        allocate(tx, item_id, location_id, at=now, behind=behind)


def _units(line: str, item_id: str, location_id: str, quantity: int) -> Units:
    return Units(_line(line), item_id, location_id, quantity)


def _line(line: str) -> str:
    return line.split(_SEPARATOR, maxsplit=1)[0]


def _why(short: Shortfall, problem: SourcingProblem) -> str:
    if not short.backordered:
        return short.reason.value
    if short.reason is ShortfallReason.HELD_BACK:
        return HELD_BACK
    if short.reason is ShortfallReason.BUNDLE:
        return BUNDLE_APART
    said_no = (place for place in problem.locations if place.id in problem.excluded_locations)
    return STOCK_REFUSED if any(place.stock.get(short.item_id) for place in said_no) else NO_STOCK


def _take_capacity(tx: Connection, parcel: PlannedParcel, limit: int | None) -> bool:
    """One parcel of the location's day, within the limit that the decision was made by."""
    day = parcel.ship_on.isoformat()
    taking = {"location": parcel.location_id, "on": day, "most": _UNLIMITED if limit is None else limit}
    if tx.execute(_TAKE_CAPACITY, taking).rowcount:
        return True
    insert_once(tx, CAPACITY, [{"location_id": parcel.location_id, "day": day, "used": 0}])
    return bool(tx.execute(_TAKE_CAPACITY, taking).rowcount)


def _wait(tx: Connection, order: OrderState, short: Mapping[tuple[str, str], tuple[int, str]], now: datetime) -> None:
    """What found no place waits, in a queue by priority and age; deciding again does not put its give-up date off."""
    since = {(w.line_id, w.item_id): w.give_up_at for w in order.waiting}
    if order.waiting:
        tx.execute(WAITING_LINES.delete().where(WAITING_LINES.c.order_id == order.id))
    if not short:
        return
    row = tx.execute(select(ORDERS.c.priority, ORDERS.c.placed_at).where(ORDERS.c.id == order.id)).one()
    tx.execute(
        WAITING_LINES.insert(),
        [
            {
                "order_id": order.id, "line_id": line_id, "item_id": item_id, "quantity": quantity, "reason": reason,
                "priority": row.priority, "placed_at": row.placed_at,
                "give_up_at": since.get((line_id, item_id), now + BACKORDER_PATIENCE),
            }
            for (line_id, item_id), (quantity, reason) in short.items()
        ],
    )  # fmt: skip
    sold_out = {demand: quantity for demand, (quantity, reason) in short.items() if reason == NO_STOCK}
    window_losses.note(tx, order.id, order.connection_id, row.placed_at, sold_out, now)


def wait_for_person(tx: Connection, order_id: str, code: str, now: datetime) -> None:
    """Nothing can be decided for a reason that a person must mend: all open demand waits for that, and it is shown."""
    order = load(tx, order_id)
    release(tx, order_id, WAITING, at=now)
    _wait(tx, order, {(d.line_id, d.item_id): (d.quantity, code) for d in order.open_demand()}, now)
    facts = [Fact("backordered", f"obstacle:{code}:{order.seq}", now, "tutti", {"obstacle": code})]
    record(tx, order_id, facts, now)
