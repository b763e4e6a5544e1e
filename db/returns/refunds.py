"""Refunds as we decide them, each within what its tender has left, and refunds that were made."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from db import connections
from db.order_reading import LINES
from db.returns import duties
from db.returns.budget import budget
from db.returns.rows import REFUNDS, change, row_of
from db.rows import append as insert
from db.rows import find, one, total
from db.rows import row as one_by_id
from db.tenders import TENDERS, append, movement
from domain.money import Money
from domain.returns.refund_plan import Part, Taken, split
from domain.returns.worth import converted

_MADE = update(REFUNDS).where(REFUNDS.c.id == bindparam("this"), REFUNDS.c.state != "made").values(state="made")


def plan(
    tx: Connection, row: Row[Any], order: Row[Any], amount_minor: int, now: datetime, *, credit_of: str = ""
) -> None:
    """Give an amount of the order's currency back to its tenders; what none of them covers becomes an exception.

    `credit_of` names the order that gets it instead of the buyer: no call to the outside is made for it.
    """
    if amount_minor <= 0:
        return
    taken = budget(tx, order.id).taken
    amount, usable = _in_their_currency(tx, order, amount_minor, taken)
    connection = connections.load(tx, order.connection_id)
    parts, uncovered = split(amount, usable, connection.settings.get("tenders", {}))
    for part in parts:
        _insert(tx, row, part, connections.payments_of(connection, part.tender), credit_of, now)
    if uncovered:
        why = "the currency has changed" if taken and not usable else "less was captured"
        change(tx, row.id, uncovered_minor=row_of(tx, row.id).uncovered_minor + uncovered, uncovered_why=why)


def _in_their_currency(
    tx: Connection, order: Row[Any], amount: int, taken: tuple[Taken, ...]
) -> tuple[int, list[Taken]]:
    """Where the buyer paid in another currency than the shop's, the same part of the total in that one."""
    same = [one for one in taken if one.currency == order.currency]
    shown = [one for one in taken if one.currency == order.presentment_currency]
    if same or not shown:
        return amount, same
    before = max(0, total(tx, LINES.c.given_back_minor, order_id=order.id) - amount)
    return converted(before, amount, order.total_minor, order.presentment_total_minor), shown


def _insert(tx: Connection, row: Row[Any], part: Part, holder: str, credit_of: str, now: datetime) -> None:
    number = 1 + max((refund.number for refund in find(tx, REFUNDS, order_id=row.order_id)), default=0)
    refund_id = f"{row.id}-M{number}"
    insert(
        tx, REFUNDS,
        id=refund_id, return_id=row.id, order_id=row.order_id, number=number,
        connection_id="" if credit_of else holder, state="planned", external_id="", entry_key="", decided_at=now, **part.model_dump(),
    )  # fmt: skip
    if credit_of:
        refund = one(tx, REFUNDS, refund_id)
        amount = Money(amount_minor=part.amount_minor, currency=part.currency)
        made(tx, refund, f"{credit_of}:{number}", amount, now, tender="exchange")
    else:
        duties.add(tx, row, "refund", holder, about=f"M{number}")


def made(
    tx: Connection,
    refund: Row[Any],
    external_id: str,
    amount: Money,
    now: datetime,
    *,
    tender: str = "",
    by: str = "tutti",
) -> None:
    """It is proven: on the tender ledger, under the key that the channel's own news of it has. Repeatable."""
    held = tender or refund.tender
    row = movement(refund.order_id, external_id, held, "refunded", amount, now, by, parent=refund.parent_external_id)
    tx.execute(_MADE, {"this": refund.id, "external_id": external_id, "entry_key": row["key"], "made_at": now})
    append(tx, [row])


def by_reference(tx: Connection, reference: str) -> Row[Any] | None:
    """The refund of ours that a platform names."""
    return one_by_id(tx, REFUNDS, reference) if reference else None


def failed(tx: Connection, refund: Row[Any]) -> None:
    """What counted as made never reached the buyer: it is on its way again, by hand or by another try."""
    tx.execute(TENDERS.update().where(TENDERS.c.key == refund.entry_key).values(kind="failed"))
    tx.execute(update(REFUNDS).where(REFUNDS.c.id == refund.id).values(state="calling", external_id="", entry_key=""))
