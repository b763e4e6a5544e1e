"""Which orders, returns and launches have a run, which need one, and which must be told to look."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Delete, Select, Table, bindparam, delete, func, literal, select, update

from db.facts import OUTBOX, wake
from db.launch_facts import wake as wake_launches
from db.launch_reading import LAUNCHES
from db.launch_reading import OUTBOX as LAUNCH_OUTBOX
from db.order_reading import ORDERS
from db.returns.rows import OUTBOX as RETURN_OUTBOX
from db.returns.rows import RETURNS
from db.returns.rows import wake as wake_returns


class Runs(NamedTuple):
    """What has runs: its rows, its outbox, the outbox's column that names the row, and the one that people know."""

    rows: Table
    outbox: Table
    key: str
    called: str
    wake: Callable[[Connection, list[str], datetime], int]


ORDER_RUNS = Runs(ORDERS, OUTBOX, "order_id", "number", wake)
RETURN_RUNS = Runs(RETURNS, RETURN_OUTBOX, "return_id", "id", wake_returns)
LAUNCH_RUNS = Runs(LAUNCHES, LAUNCH_OUTBOX, "launch_id", "name", wake_launches)


class Due(NamedTuple):
    """An order, return or launch whose run must look at the facts up to `seq`; a launch is of no one connection."""

    id: str
    seq: int
    run_no: int
    run_open: bool
    connection_id: str
    called: str


@cache
def _due(runs: Runs) -> Select[Any]:
    rows, box = runs.rows.c, runs.outbox.c
    connection = rows.connection_id if "connection_id" in rows else literal("")
    return (
        select(box[runs.key], box.seq, rows.run_no, rows.run_open, connection, rows[runs.called])
        .join(runs.rows, rows.id == box[runs.key])
        .where(box.due_at <= bindparam("now"))
        .order_by(box.due_at, box[runs.key])
        .limit(bindparam("most"))
    )


@cache
def _told(runs: Runs) -> Delete:
    box = runs.outbox.c
    return delete(runs.outbox).where(box[runs.key] == bindparam("told_of"), box.seq <= bindparam("up_to"))


def due(tx: Connection, runs: Runs, now: datetime, limit: int) -> list[Due]:
    """What the outbox holds, oldest first."""
    return [Due(*row) for row in tx.execute(_due(runs), {"now": now, "most": limit})]


def claim(tx: Connection, runs: Runs, ids: Iterable[str]) -> dict[str, int]:
    """Give each of these a new run number: whoever still runs under an older one is superseded."""
    rows = tx.execute(
        update(runs.rows)
        .where(runs.rows.c.id.in_(list(ids)))
        .values(run_no=runs.rows.c.run_no + 1, run_open=True)
        .returning(runs.rows.c.id, runs.rows.c.run_no)
    )
    return {row.id: row.run_no for row in rows}


def told(tx: Connection, runs: Runs, done: Iterable[tuple[str, int]]) -> None:
    """The runs know of the facts up to these numbers; what came later stays in the outbox."""
    rows = [{"told_of": name, "up_to": seq} for name, seq in done]
    if rows:
        tx.execute(_told(runs), rows)


def later(tx: Connection, runs: Runs, ids: Iterable[str], now: datetime) -> None:
    """Try again a little later, longer each time."""
    box = runs.outbox
    for name in ids:
        mine = box.c[runs.key] == name
        attempts = tx.execute(
            update(box).where(mine).values(attempts=box.c.attempts + 1).returning(box.c.attempts)
        ).scalar()
        pause = timedelta(seconds=min(30.0, 0.1 * 2 ** min(attempts or 1, 9)))
        tx.execute(update(box).where(mine).values(due_at=now + pause))


def open_runs(tx: Connection, runs: Runs) -> dict[str, int]:
    """Everything that should have a run, with the run's number."""
    rows = runs.rows.c
    return {row.id: row.run_no for row in tx.execute(select(rows.id, rows.run_no).where(rows.run_open))}


def count_open(tx: Connection, runs: Runs) -> int:
    """How many runs there should be."""
    return int(tx.execute(select(func.count()).where(runs.rows.c.run_open)).scalar_one())


def restart(tx: Connection, runs: Runs, ids: Iterable[str], now: datetime) -> int:
    """These have lost their run: the relay gives each a new one, which resumes from the facts."""
    lost: list[str] = list(ids)
    for start in range(0, len(lost), 500):
        chosen = runs.rows.c.id.in_(lost[start : start + 500])
        tx.execute(update(runs.rows).where(chosen).values(run_open=False))
    return runs.wake(tx, lost, now)
