"""Facts about a launch: appended with a number, so that its run knows what it has not seen."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, literal, select, update

from db.launch_reading import CHANNELS, EVENTS, LAUNCHES, OUTBOX
from db.upsert import dialect_insert


def note(
    tx: Connection, launch_id: str, kind: str, now: datetime, *, by: str = "", wakes: bool = False, **data: Any
) -> int:
    """Append one fact; returns its number. Steps of the run itself wake nobody."""
    seq = tx.execute(
        update(LAUNCHES).where(LAUNCHES.c.id == launch_id).values(seq=LAUNCHES.c.seq + 1).returning(LAUNCHES.c.seq)
    ).scalar_one()
    tx.execute(insert(EVENTS).values(launch_id=launch_id, seq=seq, kind=kind, by=by, data=data, at=now))
    if wakes:
        wake(tx, [launch_id], now)
    return int(seq)


def wake(tx: Connection, launch_ids: list[str], now: datetime) -> int:
    """Have the runs of these launches look at the facts soon; one outbox row per launch."""
    soon = literal(now, OUTBOX.c.due_at.type)
    chosen = select(LAUNCHES.c.id, LAUNCHES.c.seq, soon, literal(0)).where(LAUNCHES.c.id.in_(launch_ids))
    statement = dialect_insert(OUTBOX, tx.dialect.name)
    statement = statement.from_select(["launch_id", "seq", "due_at", "attempts"], chosen)
    newer = {"seq": statement.excluded.seq, "due_at": now, "attempts": 0}
    tx.execute(statement.on_conflict_do_update(index_elements=[OUTBOX.c.launch_id], set_=newer))
    return len(launch_ids)


def wake_for_connection(tx: Connection, connection_id: str, now: datetime) -> None:
    """Launches that may write to the channel again."""
    waiting = (
        select(LAUNCHES.c.id)
        .join(CHANNELS, CHANNELS.c.launch_id == LAUNCHES.c.id)
        .where(LAUNCHES.c.outcome.is_(None), CHANNELS.c.connection_id == connection_id, CHANNELS.c.is_in)
    )
    for launch_id in tx.execute(waiting).scalars().all():
        note(tx, launch_id, "connection_resumed", now, wakes=True, connection=connection_id)
