"""Rounds of verification, whatever is read back: begun while the flow runs, one after the other, listed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select

from db.flows import running
from domain.refs import VerificationCursor


def begin(tx: Connection, rounds: Table, flow: str, connection_id: str, now: datetime) -> VerificationCursor | None:
    """A new round; None while the flow is off, since then nothing is known that should be shown."""
    switch = running(tx, flow).get(connection_id)
    if switch is None:
        return None
    row = {"connection_id": connection_id, "mode": switch.mode, "started_at": now}
    row |= dict.fromkeys({"listings", "looked", "wrong", "in_flight"}.intersection(rounds.columns.keys()), 0)
    number = tx.execute(insert(rounds).values(row).returning(rounds.c.id)).scalar_one()
    return VerificationCursor(connection_id=connection_id, round=number)


def looked_before(tx: Connection, rounds: Table, at: VerificationCursor) -> datetime | None:
    """When the round before this one began: what is wrong now was right then, or is known already."""
    before = (rounds.c.connection_id == at.connection_id, rounds.c.id < at.round, rounds.c.ended_at.is_not(None))
    return tx.execute(select(func.max(rounds.c.started_at)).where(*before)).scalar()


def newest(tx: Connection, rounds: Table, connection_id: str, limit: int) -> Sequence[Row[Any]]:
    """The newest first, of one connection or (empty) of all."""
    query = select(rounds).order_by(rounds.c.id.desc()).limit(limit)
    return tx.execute(query.where(rounds.c.connection_id == connection_id) if connection_id else query).all()
