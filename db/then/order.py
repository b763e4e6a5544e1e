"""An order whole, as the hub knew it at an instant: only what was recorded by then, and what cannot be rebuilt said."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, or_, select

from db import order_detail
from db.exceptions import AFFECTED, EXCEPTIONS
from db.facts import EVENTS
from db.order_detail import OrderDetail
from db.then.fulfillment import effects_then, fulfillment_orders_then, shipments_then, units_then
from db.then.lines import lines_then, waiting_then
from db.then.order_row import order_then
from db.then.past import Facts, past
from db.then.standing import state_then
from domain.errors import DomainError
from domain.progress import progress

ALWAYS_LOST = "tags, and which connections were paused"


class OrderThen(NamedTuple):
    """`detail` is of the instant; `lost` says in words what is shown as it is now."""

    detail: OrderDetail
    lost: tuple[str, ...]


def read(tx: Connection, order_id: str, at: datetime) -> OrderThen:
    """DomainError("unknown_order") if the hub did not know it then."""
    now = order_detail.read(tx, order_id)
    if now.order.recorded_at > at:
        raise DomainError(
            "unknown_order", f"the hub did not know order {order_id} then; it came at {now.order.recorded_at}"
        )
    every = tx.execute(select(EVENTS).where(EVENTS.c.order_id == order_id).order_by(EVENTS.c.seq)).all()
    facts = Facts([f for f in every if f.recorded_at <= at], [f for f in every if f.recorded_at > at], at)
    lost: set[str] = {ALWAYS_LOST} if facts.after else set()
    shipments = shipments_then(now.shipments, facts)
    units = units_then(now.fulfillment_lines, now.fulfillment_orders, shipments, at)
    then = now._replace(
        order=order_then(now.order, facts, lost),
        lines=lines_then(now.lines, facts, lost),
        fulfillment_orders=fulfillment_orders_then(now.fulfillment_orders, units, facts),
        fulfillment_lines=units,
        shipments=shipments,
        waiting=waiting_then(now.waiting, order_detail.decisions(tx, order_id), facts, lost),
        tenders=[row for row in now.tenders if row.at <= at],
        effects=effects_then(now.effects, facts),
        exceptions=_exceptions(tx, order_id, at),
    )
    return OrderThen(_with_standing(then, facts), tuple(sorted(lost)))


def _with_standing(then: OrderDetail, facts: Facts) -> OrderDetail:
    """Where it stood follows from the rest, by the same rules as ever."""
    if not facts.after:
        return then
    state = state_then(then, facts)
    # whatever is wanted no more leaves the queue, without a fact of its own
    open_demand = {(unit.line_id, unit.item_id) for unit in state.open_demand()}
    then = then._replace(waiting=[row for row in then.waiting if (row.line_id, row.item_id) in open_demand])
    state = state_then(then, facts)
    standing = progress(state, facts.at)
    row: Any = past(
        then.order, state=standing.outcome or standing.stage, outcome=standing.outcome, why=standing.headline
    )  # fmt: skip
    return then._replace(order=row, now=state)


def _exceptions(tx: Connection, order_id: str, at: datetime) -> list[Row[Any]]:
    held = or_(AFFECTED.c.gone_at.is_(None), AFFECTED.c.gone_at > at)
    query = select(EXCEPTIONS).join(AFFECTED, AFFECTED.c.exception_id == EXCEPTIONS.c.id)
    mine = query.where(AFFECTED.c.order_id == order_id, AFFECTED.c.since <= at, held)
    return list(tx.execute(mine.order_by(EXCEPTIONS.c.id)))
