"""What the long-lived run of a flow and the relay tell each other: turns that fence off older ones, wake-ups, rest."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, and_, select, update

from db.tables.publication import FlowSyncRow
from db.upsert import insert_once

SYNCS: Table = FlowSyncRow.__table__  # type: ignore[attr-defined]
_NEW: dict[str, Any] = {"epoch": 0, "batches": 0, "is_idle": True, "wake": False, "discover_wanted": True}


class Run(NamedTuple):
    """The run of a flow of a connection."""

    connection_id: str
    flow: str


def of(run: Run) -> Any:
    """The condition that names its row."""
    return and_(SYNCS.c.connection_id == run.connection_id, SYNCS.c.flow == run.flow)


def begin(tx: Connection, run: Run) -> Row[Any]:
    """An attempt starts: whatever an earlier one still does is fenced off."""
    insert_once(tx, SYNCS, [_NEW | run._asdict()])
    started = update(SYNCS).where(of(run)).values(epoch=SYNCS.c.epoch + 1, is_idle=False)
    return tx.execute(started.returning(SYNCS)).one()


def locked(tx: Connection, run: Run) -> Row[Any]:
    return tx.execute(select(SYNCS).where(of(run)).with_for_update()).one()


def next_batch(tx: Connection, run: Run) -> int:
    """The number of the batch that is about to be sent."""
    counted = update(SYNCS).where(of(run)).values(batches=SYNCS.c.batches + 1)
    return int(tx.execute(counted.returning(SYNCS.c.batches)).scalar_one())


def rest(tx: Connection, run: Run) -> None:
    """Whoever has something for it wakes it from now on."""
    tx.execute(update(SYNCS).where(of(run)).values(is_idle=True))


def start(tx: Connection, run: Run) -> None:
    """The run starts, or looks at its switch."""
    insert_once(tx, SYNCS, [_NEW | run._asdict()])
    tx.execute(update(SYNCS).where(of(run)).values(wake=True, is_idle=False))


def wake(tx: Connection, flow: str, connection_ids: Collection[str]) -> None:
    """Have the flow's runs look; one that is at work already will see it by itself."""
    if connection_ids:
        idle = and_(SYNCS.c.connection_id.in_(sorted(connection_ids)), SYNCS.c.flow == flow, SYNCS.c.is_idle)
        tx.execute(update(SYNCS).where(idle).values(is_idle=False, wake=True))


def discover(tx: Connection, run: Run) -> None:
    """What the channel shows is to be read anew."""
    tx.execute(update(SYNCS).where(of(run)).values(discover_wanted=True))


def discovered(tx: Connection, run: Run, now: datetime) -> None:
    tx.execute(update(SYNCS).where(of(run)).values(discovered_at=now, discover_wanted=False))


def to_wake(tx: Connection) -> list[Run]:
    """Runs that must be told."""
    due = select(SYNCS.c.connection_id, SYNCS.c.flow).where(SYNCS.c.wake)
    return [Run(*row) for row in tx.execute(due.order_by(SYNCS.c.flow, SYNCS.c.connection_id))]


def woken(tx: Connection, run: Run) -> None:
    """The run was told; being told twice does no harm."""
    tx.execute(update(SYNCS).where(of(run)).values(wake=False))
