"""Which orders have a run, which need one, and which must be told to look."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, update

from db.facts import OUTBOX, wake
from db.order_reading import ORDERS

_DUE = (
    select(OUTBOX.c.order_id, OUTBOX.c.seq, ORDERS.c.run_no, ORDERS.c.run_open, ORDERS.c.connection_id, ORDERS.c.number)
    .join(ORDERS, ORDERS.c.id == OUTBOX.c.order_id)
    .where(OUTBOX.c.due_at <= bindparam("now"))
    .order_by(OUTBOX.c.due_at, OUTBOX.c.order_id)
    .limit(bindparam("most"))
)
_TOLD = delete(OUTBOX).where(OUTBOX.c.order_id == bindparam("told_of"), OUTBOX.c.seq <= bindparam("up_to"))


class Due(NamedTuple):
    """An order whose run must look at the facts up to `seq`."""

    order_id: str
    seq: int
    run_no: int
    run_open: bool
    connection_id: str
    number: str


def due(tx: Connection, now: datetime, limit: int) -> list[Due]:
    """What the outbox holds, oldest first."""
    return [Due(*row) for row in tx.execute(_DUE, {"now": now, "most": limit})]


def claim(tx: Connection, order_ids: Iterable[str]) -> dict[str, int]:
    """Give these orders a new run number each: whoever still runs under an older one is superseded."""
    rows = tx.execute(
        update(ORDERS)
        .where(ORDERS.c.id.in_(list(order_ids)))
        .values(run_no=ORDERS.c.run_no + 1, run_open=True)
        .returning(ORDERS.c.id, ORDERS.c.run_no)
    )
    return {row.id: row.run_no for row in rows}


def told(tx: Connection, done: Iterable[tuple[str, int]]) -> None:
    """The runs know of the facts up to these numbers; what came later stays in the outbox."""
    rows = [{"told_of": order_id, "up_to": seq} for order_id, seq in done]
    if rows:
        tx.execute(_TOLD, rows)


def later(tx: Connection, order_ids: Iterable[str], now: datetime) -> None:
    """Try again a little later, longer each time."""
    for order_id in order_ids:
        attempts = tx.execute(
            update(OUTBOX)
            .where(OUTBOX.c.order_id == order_id)
            .values(attempts=OUTBOX.c.attempts + 1)
            .returning(OUTBOX.c.attempts)
        ).scalar()
        pause = timedelta(seconds=min(30.0, 0.1 * 2 ** min(attempts or 1, 9)))
        tx.execute(update(OUTBOX).where(OUTBOX.c.order_id == order_id).values(due_at=now + pause))


def open_runs(tx: Connection) -> dict[str, int]:
    """Every order that should have a run, with the run's number."""
    return {row.id: row.run_no for row in tx.execute(select(ORDERS.c.id, ORDERS.c.run_no).where(ORDERS.c.run_open))}


def count_open(tx: Connection) -> int:
    """How many runs there should be."""
    return int(tx.execute(select(func.count()).where(ORDERS.c.run_open)).scalar_one())


def restart(tx: Connection, order_ids: Iterable[str], now: datetime) -> int:
    """These have lost their run: the relay gives each a new one, which resumes from the facts."""
    lost: list[Any] = list(order_ids)
    for start in range(0, len(lost), 500):
        tx.execute(update(ORDERS).where(ORDERS.c.id.in_(lost[start : start + 500])).values(run_open=False))
    return wake(tx, lost, now)
