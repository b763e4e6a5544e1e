"""Orders and sales that a poll found and could not read: one exception each, closed when they can be."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from db.exceptions import EXCEPTIONS, close_cause, open_cause
from domain.causes import Cause

KIND = "unreadable_order"


def note(tx: Connection, connection_id: str, unreadable: Collection[str], read: Collection[str], now: datetime) -> None:
    """What one page of a poll held, by the channel's own ids."""
    for external_id in unreadable:
        open_cause(tx, _cause(connection_id, external_id), now, connection_id=connection_id)
    mine = (EXCEPTIONS.c.kind == KIND, EXCEPTIONS.c.connection_id == connection_id, EXCEPTIONS.c.closed_at.is_(None))
    readable = {_cause(connection_id, external_id).code for external_id in read}
    for code in tx.execute(select(EXCEPTIONS.c.cause).where(*mine)).scalars().all():
        if code in readable:
            close_cause(tx, code, now, by="cause gone")


def _cause(connection_id: str, external_id: str) -> Cause:
    return Cause(
        kind=KIND,
        subject=f"{connection_id}:{external_id}",
        title=f"{connection_id} shows {external_id}, which cannot be read",
        remedy="Look at it there: nothing of it was booked. What is mended is read by the next sweep; "
        "anything else is the connector's to learn.",
        severity="critical",
        blocks=False,
    )
