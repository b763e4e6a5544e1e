"""Deliveries with a bad signature: counted per minute, and one exception while they are many."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from db.exceptions import EXCEPTIONS, close_cause, open_cause
from db.tables.inbox import ForgedRow
from db.upsert import dialect_insert
from domain.causes import Cause

FORGED = ForgedRow.__table__  # type: ignore[attr-defined]
MANY = 20
"""Forged deliveries within the window that are no accident."""
WINDOW = timedelta(minutes=10)
"""The cause is `MANY` within it; it slides, and is gone as soon as there are fewer."""


def count(tx: Connection, connection_id: str, now: datetime) -> int:
    """One more; returns how many there are within the window and raises the exception when they are many."""
    minute = now.replace(second=0, microsecond=0)
    statement = (
        dialect_insert(FORGED, tx.dialect.name)
        .values(connection_id=connection_id, minute=minute, count=1)
        .on_conflict_do_update(index_elements=["connection_id", "minute"], set_={"count": FORGED.c.count + 1})
    )
    tx.execute(statement)
    seen = int(tx.execute(_within_window(now).where(FORGED.c.connection_id == connection_id)).one().seen)
    if seen >= MANY:
        open_cause(tx, cause(connection_id), now, connection_id=connection_id)
    return seen


def cause(connection_id: str) -> Cause:
    """Why many forged deliveries need a person."""
    return Cause(
        kind="forged_webhooks",
        subject=connection_id,
        title=f"Many deliveries to {connection_id} carry a wrong signature",
        remedy="Compare the webhook secret with the platform's; if it is right, somebody is trying: block the sender.",
        severity="critical",
        blocks=False,
    )


def quiet(tx: Connection, now: datetime) -> tuple[str, ...]:
    """Open causes of connections that have few forged deliveries within the window, so that they are gone."""
    raised = tx.execute(
        select(EXCEPTIONS.c.cause, EXCEPTIONS.c.connection_id).where(
            EXCEPTIONS.c.kind == "forged_webhooks", EXCEPTIONS.c.closed_at.is_(None)
        )
    ).all()
    if not raised:
        return ()
    counts = {row.connection_id: int(row.seen) for row in tx.execute(_within_window(now))}
    return tuple(row.cause for row in raised if counts.get(row.connection_id, 0) < MANY)


def close_quiet(tx: Connection, now: datetime) -> int:
    """Close the exceptions whose cause is gone; returns how many."""
    return sum(close_cause(tx, code, now, by="cause gone") for code in quiet(tx, now))


def _within_window(now: datetime) -> Select[Any]:
    minutes = FORGED.c.minute > now - WINDOW
    counted = select(FORGED.c.connection_id, func.sum(FORGED.c.count).label("seen"))
    return counted.where(minutes).group_by(FORGED.c.connection_id)


def total(tx: Connection) -> dict[str, int]:
    """Forged deliveries per connection, as far back as they are kept."""
    rows = tx.execute(select(FORGED.c.connection_id, func.sum(FORGED.c.count)).group_by(FORGED.c.connection_id))
    return {row[0]: int(row[1]) for row in rows}
