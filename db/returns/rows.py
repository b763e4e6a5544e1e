"""The tables of returns, and one return's row."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from db import rows
from db.facts import EVENTS, OF_A_RETURN, ORDERS, Fact, lock, record
from db.tables.returns import (
    GoodsEntryRow,
    RefundRow,
    ReturnDutyRow,
    ReturnLineRow,
    ReturnOutboxRow,
    ReturnParcelRow,
    ReturnPolicyRow,
    ReturnRow,
)
from db.upsert import dialect_insert
from domain.errors import DomainError

RETURNS = ReturnRow.__table__  # type: ignore[attr-defined]
RETURN_LINES = ReturnLineRow.__table__  # type: ignore[attr-defined]
GOODS = GoodsEntryRow.__table__  # type: ignore[attr-defined]
REFUNDS = RefundRow.__table__  # type: ignore[attr-defined]
DUTIES = ReturnDutyRow.__table__  # type: ignore[attr-defined]
PARCELS = ReturnParcelRow.__table__  # type: ignore[attr-defined]
POLICIES = ReturnPolicyRow.__table__  # type: ignore[attr-defined]
OUTBOX = ReturnOutboxRow.__table__  # type: ignore[attr-defined]


def row_of(tx: Connection, return_id: str) -> Row[Any]:
    """The return's row; DomainError("unknown_return") if there is none."""
    row = rows.row(tx, RETURNS, return_id)
    if row is None:
        raise missing(return_id)
    return row


def missing(return_id: str) -> DomainError:
    """What is said about an id that no return has."""
    return DomainError("unknown_return", f"there is no return {return_id!r}; list returns to find its id")


def version_of(tx: Connection, row: Row[Any]) -> str:
    """The number of the newest of its order's facts about this return that a person or the outside brought.

    What the hub itself has done with it meanwhile is none of them: nobody at a counter should have to look again for it.
    """
    mine = EVENTS.c.key.startswith(f"{row.id}:", autoescape=True)
    theirs = EVENTS.c.source != "tutti"
    newest = select(func.max(EVENTS.c.seq)).where(EVENTS.c.order_id == row.order_id, mine, theirs)
    return str(tx.execute(newest).scalar() or 0)


def locked(tx: Connection, return_id: str) -> Row[Any]:
    """Its row, with all of its order kept from other writers until the transaction ends: limits are the order's."""
    lock(tx, row_of(tx, return_id).order_id)
    return row_of(tx, return_id)


def change(tx: Connection, return_id: str, **values: Any) -> None:
    rows.change(tx, RETURNS, return_id, **values)


def lines_of(tx: Connection, return_id: str) -> list[Row[Any]]:
    return rows.find(tx, RETURN_LINES, "line_id", return_id=return_id)


def tell(
    tx: Connection, row: Row[Any], kind: str, key: str, *, now: datetime, by: str,
    data: dict[str, Any] | None = None, at: datetime | None = None, wakes: bool = True,
) -> int:  # fmt: skip
    """Append a fact about a return to its order's; the same key is one fact. Steps of the run itself wake nobody."""
    fact = Fact(OF_A_RETURN + kind, f"{row.id}:{key}", at or now, by, {"return": row.id, **(data or {})})
    seq = record(tx, row.order_id, [fact], now)
    if wakes:
        wake(tx, [row.id], now)
    return seq


def wake(tx: Connection, return_ids: list[str], now: datetime) -> int:
    """Have the runs of these returns look at the facts soon; one outbox row per return."""
    for start in range(0, len(return_ids), 500):
        tx.execute(_wake(tx.dialect.name), {"chosen": return_ids[start : start + 500], "now": now, "none": 0})
    return len(return_ids)


@cache
def _wake(dialect: str) -> Any:
    now, none = bindparam("now", type_=OUTBOX.c.due_at.type), bindparam("none", type_=OUTBOX.c.attempts.type)
    chosen = (
        select(RETURNS.c.id, ORDERS.c.seq, now, none)
        .join(ORDERS, ORDERS.c.id == RETURNS.c.order_id)
        .where(RETURNS.c.id.in_(bindparam("chosen", expanding=True)))
    )
    statement = dialect_insert(OUTBOX, dialect).from_select(["return_id", "seq", "due_at", "attempts"], chosen)
    newer = {name: statement.excluded[name] for name in ("seq", "due_at", "attempts")}
    return statement.on_conflict_do_update(index_elements=[OUTBOX.c.return_id], set_=newer)


def of_order(tx: Connection, order_id: str, *, open_only: bool = False) -> list[Row[Any]]:
    """The returns of an order, the first first."""
    query = select(RETURNS).where(RETURNS.c.order_id == order_id)
    if open_only:
        query = query.where(RETURNS.c.outcome.is_(None))
    return list(tx.execute(query.order_by(RETURNS.c.number)))
