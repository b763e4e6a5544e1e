"""Canceled units of lines, as the channel is told of them: which, what they are worth, and what of it is given back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from connectors.contract import PaymentRequest
from db import connections
from db.order_reading import LINE_CANCELS, LINES, ORDERS
from db.returns.budget import budget
from domain.money import Money
from domain.returns.refund_plan import Part, split
from domain.shares import in_presentment, value_of_units


def tell_canceled(tx: Connection, order_id: str, units: Mapping[str, int], now: datetime) -> str:
    """Note what the channel is to be told: fixed from here on, so that a repeated call says the same. Returns its id."""
    order = tx.execute(select(ORDERS).where(ORDERS.c.id == order_id)).one()
    mine = LINES.c.order_id == order_id
    worth = 0
    for line in tx.execute(select(LINES).where(mine, LINES.c.line_id.in_(units))):
        before = max(line.canceled_told, line.canceled_seen)
        after = before + units[line.line_id]
        value = value_of_units(line.share_minor, line.ordered, after)
        value -= value_of_units(line.share_minor, line.ordered, before)
        worth += in_presentment(value, order.total_minor, order.presentment_total_minor)
        tx.execute(update(LINES).where(mine, LINES.c.line_id == line.line_id).values(canceled_told=after))
    return _insert(tx, order_id, units, worth, now)


def _insert(tx: Connection, order_id: str, units: Mapping[str, int], worth: int, now: datetime) -> str:
    known = tx.execute(select(func.count()).where(LINE_CANCELS.c.order_id == order_id)).scalar() or 0
    new_id = f"{order_id}-C{known + 1}"
    row = {"id": new_id, "order_id": order_id, "lines": dict(units), "worth_minor": worth, "at": now, "report": ""}
    tx.execute(LINE_CANCELS.insert(), [row])
    return new_id


def refund_of(tx: Connection, line_cancel: str) -> PaymentRequest | None:
    """What the channel is told: the units, and the money of them that one tender has left; None when done.

    The tenders come in the order of the refund plan; what the first does not cover follows by itself (`tell_rest`).
    """
    told = tx.execute(select(LINE_CANCELS).where(LINE_CANCELS.c.id == line_cancel)).one()
    if told.report:
        return None
    order = tx.execute(select(ORDERS).where(ORDERS.c.id == told.order_id)).one()
    mine = select(LINES.c.line_id, LINES.c.external_id).where(LINES.c.order_id == order.id)
    names = {row.line_id: row.external_id for row in tx.execute(mine)}
    parts = _parts(tx, order, told.worth_minor)
    if not parts and not told.lines:
        return None
    return PaymentRequest(
        reference=told.id,
        order_external_id=order.external_id,
        amount=Money(amount_minor=parts[0].amount_minor if parts else 0, currency=order.presentment_currency),
        parent_external_id=parts[0].parent_external_id if parts else "",
        lines=tuple((names[line], units) for line, units in told.lines.items()),
    )


def tell_rest(tx: Connection, line_cancel: str, given_minor: int, now: datetime) -> None:
    """Where one tender gave back a part of what the units cost, the next gives the rest: without units, they are told."""
    told = tx.execute(select(LINE_CANCELS).where(LINE_CANCELS.c.id == line_cancel)).one()
    order = tx.execute(select(ORDERS).where(ORDERS.c.id == told.order_id)).one()
    rest = told.worth_minor - given_minor
    if rest > 0 and _parts(tx, order, rest):
        _insert(tx, told.order_id, {}, rest, now)


def _parts(tx: Connection, order: Row[Any], worth_minor: int) -> tuple[Part, ...]:
    taken = [one for one in budget(tx, order.id).taken if one.currency == order.presentment_currency]
    names = connections.load(tx, order.connection_id).settings.get("tenders", {})
    return split(worth_minor, taken, names)[0]


def mark(tx: Connection, line_cancel: str, report: str) -> None:
    """What became of it at the channel."""
    tx.execute(update(LINE_CANCELS).where(LINE_CANCELS.c.id == line_cancel).values(report=report))
