"""Reads an order as its decisions need it: everything but the person."""

from collections import defaultdict
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, exists, or_, select

from db.tables.connections import ConnectionRow, SwitchRow
from db.tables.effects import EffectRow, LineCancelRow, PaymentStepRow
from db.tables.fulfillment import FulfillmentLineRow, FulfillmentOrderRow, RoutingDecisionRow, ShipmentRow
from db.tables.orders import OrderLineRow, OrderRow
from db.tables.stock import ItemRow, WaitingLineRow
from domain.errors import DomainError
from domain.order_state import (
    FulfillmentOrder,
    FulfillmentUnit,
    LineCancel,
    LineState,
    OrderState,
    PaymentVoid,
    Shipment,
    Trouble,
    WaitingLine,
)

ORDERS = OrderRow.__table__  # type: ignore[attr-defined]
LINES = OrderLineRow.__table__  # type: ignore[attr-defined]
FULFILLMENT_ORDERS = FulfillmentOrderRow.__table__  # type: ignore[attr-defined]
FULFILLMENT_LINES = FulfillmentLineRow.__table__  # type: ignore[attr-defined]
SHIPMENTS = ShipmentRow.__table__  # type: ignore[attr-defined]
WAITING_LINES = WaitingLineRow.__table__  # type: ignore[attr-defined]
DECISIONS = RoutingDecisionRow.__table__  # type: ignore[attr-defined]
LINE_CANCELS = LineCancelRow.__table__  # type: ignore[attr-defined]
PAYMENT_STEPS = PaymentStepRow.__table__  # type: ignore[attr-defined]
EFFECTS = EffectRow.__table__  # type: ignore[attr-defined]
ITEMS = ItemRow.__table__  # type: ignore[attr-defined]
CONNECTIONS = ConnectionRow.__table__  # type: ignore[attr-defined]
SWITCHES = SwitchRow.__table__  # type: ignore[attr-defined]

TROUBLE_AFTER = 3
"""Attempts after which a write that does not come through is shown to a person."""


_OF_ORDER: BindParameter[str] = bindparam("order_id")
_NOT_ON = CONNECTIONS.c.mode != "on"
SOMETHING_IS_PAUSED = or_(
    exists().where(SWITCHES.c.on), exists().where(or_(CONNECTIONS.c.paused_at.is_not(None), _NOT_ON)).correlate(None)
)
_READ = (
    "id", "connection_id", "seq", "placed_at", "financial", "risk", "delivery", "pickup_location_id", "holds",
    "canceled_at", "cancel_requested_at", "cancel_told_at", "address_ok", "address_version", "is_shadow", "run_no",
    "cancel_refused", "released", "stopped", "acknowledged", "money_settled",
)  # fmt: skip
_ORDER = (
    select(
        *(ORDERS.c[name] for name in _READ),
        CONNECTIONS.c.captures,
        exists().where(SHIPMENTS.c.order_id == ORDERS.c.id).label("has_shipments"),
        exists().where(WAITING_LINES.c.order_id == ORDERS.c.id).label("has_waiting"),
        exists().where(EFFECTS.c.order_id == ORDERS.c.id, EFFECTS.c.attempts >= TROUBLE_AFTER).label("has_troubles"),
        exists().where(LINE_CANCELS.c.order_id == ORDERS.c.id).label("has_line_cancels"),
        SOMETHING_IS_PAUSED.label("something_is_paused"),
    )
    .join(CONNECTIONS, CONNECTIONS.c.id == ORDERS.c.connection_id)
    .where(ORDERS.c.id == _OF_ORDER)
)
"""One row tells whether the rarer tables have to be asked at all."""
_LINES = (
    select(LINES, ITEMS.c.components)
    .outerjoin(ITEMS, ITEMS.c.id == LINES.c.item_id)
    .where(LINES.c.order_id == _OF_ORDER)
    .order_by(LINES.c.line_id)
)
_FULFILLMENT_ORDERS = (
    select(
        FULFILLMENT_ORDERS,
        FULFILLMENT_LINES.c.line_id,
        FULFILLMENT_LINES.c.item_id,
        FULFILLMENT_LINES.c.quantity,
        FULFILLMENT_LINES.c.shipped,
    )
    .join(FULFILLMENT_LINES, FULFILLMENT_LINES.c.fulfillment_order_id == FULFILLMENT_ORDERS.c.id)
    .where(FULFILLMENT_ORDERS.c.order_id == _OF_ORDER)
    .order_by(FULFILLMENT_ORDERS.c.number, FULFILLMENT_LINES.c.line_id, FULFILLMENT_LINES.c.item_id)
)
_IS_ANYTHING_PAUSED = select(SOMETHING_IS_PAUSED)
_SHIPMENTS = select(SHIPMENTS).where(SHIPMENTS.c.order_id == _OF_ORDER).order_by(SHIPMENTS.c.id)
_WAITING = select(WAITING_LINES).where(WAITING_LINES.c.order_id == _OF_ORDER)
# Statements are made once: building one costs more than running it.


def load(tx: Connection, order_id: str) -> OrderState:
    """The order now; DomainError("unknown_order") if there is none."""
    this = {"order_id": order_id}
    order = tx.execute(_ORDER, this).first()
    if order is None:
        raise DomainError("unknown_order", f"there is no order {order_id}; list orders to find its id")
    fulfillment_orders = _fulfillment_orders(tx, order_id)
    connections = {order.connection_id} | {f.connection_id for f in fulfillment_orders}
    return OrderState(
        id=order.id,
        connection_id=order.connection_id,
        seq=order.seq,
        placed_at=order.placed_at,
        financial=order.financial,
        risk=order.risk,
        delivery=order.delivery,
        pickup_location_id=order.pickup_location_id,
        holds=tuple(order.holds),
        canceled_at=order.canceled_at,
        cancel_requested_at=order.cancel_requested_at,
        cancel_told_at=order.cancel_told_at,
        address_ok=order.address_ok,
        address_version=order.address_version,
        is_shadow=order.is_shadow,
        is_decided=order.is_shadow and _is_decided(tx, order_id),
        run_no=order.run_no,
        hub_captures=order.captures != "channel" and order.financial in {"authorized", "partially_paid"},
        captures_once=order.captures == "hub_once",
        money_settled=order.money_settled,
        voids=_voids(tx, order_id) if order.money_settled else (),
        lines=lines_of(tx, order_id),
        fulfillment_orders=fulfillment_orders,
        shipments=_shipments(tx, order_id) if order.has_shipments else (),
        line_cancels=_line_cancels(tx, order_id) if order.has_line_cancels else (),
        waiting=_waiting(tx, order_id) if order.has_waiting else (),
        troubles=_troubles(tx, order_id) if order.has_troubles else (),
        cancel_refused=order.cancel_refused,
        released=order.released,
        stopped=order.stopped,
        acknowledged=frozenset(order.acknowledged),
        paused_connections=held_back(tx, connections)
        if order.something_is_paused and not order.is_shadow
        else frozenset(),
    )


def _shipments(tx: Connection, order_id: str) -> tuple[Shipment, ...]:
    return tuple(
        Shipment(id=row.id, fulfillment_order_id=row.fulfillment_order_id, report=row.report, capture=row.capture)
        for row in tx.execute(_SHIPMENTS, {"order_id": order_id})
    )


def _line_cancels(tx: Connection, order_id: str) -> tuple[LineCancel, ...]:
    mine = select(LINE_CANCELS).where(LINE_CANCELS.c.order_id == order_id).order_by(LINE_CANCELS.c.at)
    return tuple(LineCancel(id=row.id, report=row.report) for row in tx.execute(mine))


def _voids(tx: Connection, order_id: str) -> tuple[PaymentVoid, ...]:
    mine = (PAYMENT_STEPS.c.order_id == order_id, PAYMENT_STEPS.c.kind == "void")
    return tuple(PaymentVoid(id=row.id, state=row.state) for row in tx.execute(select(PAYMENT_STEPS).where(*mine)))


def _waiting(tx: Connection, order_id: str) -> tuple[WaitingLine, ...]:
    return tuple(
        WaitingLine(
            line_id=row.line_id,
            item_id=row.item_id,
            quantity=row.quantity,
            give_up_at=row.give_up_at,
            reason=row.reason,
        )
        for row in tx.execute(_WAITING, {"order_id": order_id})
    )


def _is_decided(tx: Connection, order_id: str) -> bool:
    return tx.execute(select(DECISIONS.c.round).where(DECISIONS.c.order_id == order_id).limit(1)).first() is not None


def lines_of(tx: Connection, order_id: str) -> tuple[LineState, ...]:
    """The order's lines with what their items consist of."""
    rows = tx.execute(_LINES, {"order_id": order_id})
    return tuple(
        LineState(
            line_id=row.line_id,
            external_id=row.external_id,
            sku=row.sku,
            item_id=row.item_id,
            quantity=row.quantity,
            requires_shipping=row.requires_shipping,
            shipped_externally=row.shipped_externally,
            share_minor=row.share_minor,
            canceled_untold=max(0, row.canceled - max(row.canceled_told, row.canceled_seen)),
            components=components_of(row.item_id, row.components),
        )
        for row in rows
    )


def components_of(item_id: str | None, components: list[Any] | None) -> tuple[tuple[str, int], ...]:
    """(item, units per unit of a line); the item itself when it is no bundle."""
    if item_id is None:
        return ()
    return tuple((item, units) for item, units in components) if components else ((item_id, 1),)


def _fulfillment_orders(tx: Connection, order_id: str) -> tuple[FulfillmentOrder, ...]:
    rows: dict[str, Any] = {}
    units: dict[str, list[FulfillmentUnit]] = defaultdict(list)
    for row in tx.execute(_FULFILLMENT_ORDERS, {"order_id": order_id}):
        rows[row.id] = row
        units[row.id].append(
            FulfillmentUnit(line_id=row.line_id, item_id=row.item_id, quantity=row.quantity, shipped=row.shipped)
        )
    return tuple(
        FulfillmentOrder(
            id=row.id,
            number=row.number,
            location_id=row.location_id,
            connection_id=row.connection_id,
            state=row.state,
            recall=row.recall,
            recall_asks=row.recall_asks,
            reason=row.reason,
            is_pickup=row.is_pickup,
            address_version=row.address_version,
            due_at=row.due_at,
            lines=tuple(units[row.id]),
        )
        for row in rows.values()
    )


def _troubles(tx: Connection, order_id: str) -> tuple[Trouble, ...]:
    rows = tx.execute(
        select(EFFECTS).where(
            EFFECTS.c.order_id == order_id,
            EFFECTS.c.state.in_(("intent", "in_doubt")),
            EFFECTS.c.attempts >= TROUBLE_AFTER,
        )
    )
    return tuple(
        Trouble(
            key=r.key, kind=r.kind, connection_id=r.connection_id, in_doubt=r.state == "in_doubt", code=r.error_code
        )
        for r in rows
    )


def is_paused(tx: Connection, connection_id: str) -> bool:
    """Whether no write may reach this connection now."""
    return bool(tx.execute(_IS_ANYTHING_PAUSED).scalar()) and bool(held_back(tx, {connection_id}))


def held_back(tx: Connection, connection_ids: set[str]) -> frozenset[str]:
    """Those connections that no write may reach now: paused, in shadow, or still being opened."""
    not_on = tx.execute(select(CONNECTIONS.c.id).where(CONNECTIONS.c.id.in_(connection_ids), _NOT_ON)).scalars()
    return paused(tx, connection_ids) | frozenset(not_on)


def paused(tx: Connection, connection_ids: set[str]) -> frozenset[str]:
    """Those connections that somebody paused; all of them while the switch for all is on."""
    switched = set(tx.execute(select(SWITCHES.c.name).where(SWITCHES.c.on)).scalars())
    if "all" in switched:
        return frozenset(connection_ids)
    by_switch = {name.split(":")[0] for name in switched}
    rows = tx.execute(
        select(CONNECTIONS.c.id).where(CONNECTIONS.c.id.in_(connection_ids), CONNECTIONS.c.paused_at.is_not(None))
    )
    return frozenset(rows.scalars()) | (by_switch & connection_ids)
