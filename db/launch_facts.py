"""Facts about a launch: appended with a number, so that its run knows what it has not seen."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from db.launch_reading import CHANNELS, EVENTS, LAUNCHES


def note(tx: Connection, launch_id: str, kind: str, now: datetime, *, by: str = "", **data: Any) -> int:
    """Append one fact; returns its number."""
    seq = tx.execute(
        update(LAUNCHES).where(LAUNCHES.c.id == launch_id).values(seq=LAUNCHES.c.seq + 1).returning(LAUNCHES.c.seq)
    ).scalar_one()
    tx.execute(insert(EVENTS).values(launch_id=launch_id, seq=seq, kind=kind, by=by, data=data, at=now))
    return int(seq)


def wake_for_connection(tx: Connection, connection_id: str, now: datetime) -> None:
    """Launches that may write to the channel again."""
    waiting = (
        select(LAUNCHES.c.id)
        .join(CHANNELS, CHANNELS.c.launch_id == LAUNCHES.c.id)
        .where(LAUNCHES.c.outcome.is_(None), CHANNELS.c.connection_id == connection_id, CHANNELS.c.is_in)
    )
    for launch_id in tx.execute(waiting).scalars().all():
        note(tx, launch_id, "connection_resumed", now, connection=connection_id)
