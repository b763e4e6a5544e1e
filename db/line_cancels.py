"""Canceled units of lines, as the channel is told of them: which, what they are worth, and what of it is given back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from connectors.contract import PaymentRequest
from db import connections
from db.connections import payments_of
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
    return _insert(tx, order, units, worth, now, order.connection_id)


def _insert(
    tx: Connection, order: Row[Any], units: Mapping[str, int], worth: int, now: datetime, holder: str, payment: str = ""
) -> str:
    known = tx.execute(select(func.count()).where(LINE_CANCELS.c.order_id == order.id)).scalar() or 0
    new_id = f"{order.id}-C{known + 1}"
    row = {"id": new_id, "order_id": order.id, "lines": dict(units), "worth_minor": worth, "at": now, "report": "",
           "connection_id": holder, "parent_external_id": payment}  # fmt: skip
    tx.execute(LINE_CANCELS.insert(), [row])
    return new_id


def holder_of(tx: Connection, line_cancel: str) -> str:
    """Who is told."""
    return str(tx.execute(select(LINE_CANCELS.c.connection_id).where(LINE_CANCELS.c.id == line_cancel)).scalar_one())


def refund_of(tx: Connection, line_cancel: str) -> PaymentRequest | None:
    """The units, and the money of them that the first tender has left where it is told; None when done.

    The tenders come in the order of the refund plan; what this one does not cover follows by itself (`tell_rest`).
    """
    told = tx.execute(select(LINE_CANCELS).where(LINE_CANCELS.c.id == line_cancel)).one()
    if told.report:
        return None
    order = tx.execute(select(ORDERS).where(ORDERS.c.id == told.order_id)).one()
    mine = select(LINES.c.line_id, LINES.c.external_id).where(LINES.c.order_id == order.id)
    names = {row.line_id: row.external_id for row in tx.execute(mine)}
    parts = _parts(tx, order, told.worth_minor, told.connection_id, told.parent_external_id)
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
    if told.parent_external_id:
        return  # it was about this payment alone
    order = tx.execute(select(ORDERS).where(ORDERS.c.id == told.order_id)).one()
    rest = told.worth_minor - given_minor
    if rest > 0 and (parts := _parts(tx, order, rest)):
        holder = payments_of(connections.load(tx, order.connection_id), parts[0].tender)
        _insert(tx, order, {}, rest, now, holder)


def give_back_all(tx: Connection, order: Row[Any], now: datetime) -> None:
    """Nothing of the order leaves: what a payment provider took goes back, payment by payment.

    What the channel took itself goes back with its own cancel.
    """
    connection = connections.load(tx, order.connection_id)
    for taken in budget(tx, order.id).taken:
        holder = payments_of(connection, taken.tender)
        if holder != connection.id and taken.currency == order.presentment_currency and taken.left_minor:
            _insert(tx, order, {}, taken.left_minor, now, holder, taken.external_id)


def _parts(tx: Connection, order: Row[Any], worth_minor: int, holder: str = "", payment: str = "") -> tuple[Part, ...]:
    """What each tender has left of it; of one holder or one payment, if named."""
    connection = connections.load(tx, order.connection_id)
    taken = [
        one
        for one in budget(tx, order.id).taken
        if one.currency == order.presentment_currency
        and (not holder or payments_of(connection, one.tender) == holder)
        and (not payment or one.external_id == payment)
    ]
    return split(worth_minor, taken, connection.settings.get("tenders", {}))[0]


def mark(tx: Connection, line_cancel: str, report: str) -> None:
    """What became of it at the channel."""
    tx.execute(update(LINE_CANCELS).where(LINE_CANCELS.c.id == line_cancel).values(report=report))
