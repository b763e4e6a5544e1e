"""Deliveries with a bad signature: counted per hour, and one exception when they become many."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from db.exceptions import EXCEPTIONS, close_cause, open_cause
from db.tables.inbox import ForgedRow
from db.upsert import dialect_insert
from domain.causes import Cause

FORGED = ForgedRow.__table__  # type: ignore[attr-defined]
MANY = 20
"""Forged deliveries in one hour that are no accident."""


def count(tx: Connection, connection_id: str, now: datetime) -> int:
    """One more in this hour; returns how many there are and raises the exception when they are many."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    statement = (
        dialect_insert(FORGED, tx.dialect.name)
        .values(connection_id=connection_id, hour=hour, count=1)
        .on_conflict_do_update(index_elements=["connection_id", "hour"], set_={"count": FORGED.c.count + 1})
        .returning(FORGED.c.count)
    )
    seen = int(tx.execute(statement).scalar_one())
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


def close_quiet(tx: Connection, now: datetime) -> int:
    """Close the exceptions of connections that had few forged deliveries since the hour before; returns how many."""
    since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    loud = set(
        tx.execute(select(FORGED.c.connection_id).where(FORGED.c.hour >= since, FORGED.c.count >= MANY)).scalars()
    )
    raised = tx.execute(
        select(EXCEPTIONS.c.cause, EXCEPTIONS.c.connection_id).where(
            EXCEPTIONS.c.kind == "forged_webhooks", EXCEPTIONS.c.closed_at.is_(None)
        )
    ).all()
    return sum(close_cause(tx, row.cause, now, by="cause gone") for row in raised if row.connection_id not in loud)


def total(tx: Connection) -> dict[str, int]:
    """Forged deliveries per connection since ever."""
    rows = tx.execute(select(FORGED.c.connection_id, func.sum(FORGED.c.count)).group_by(FORGED.c.connection_id))
    return {row[0]: int(row[1]) for row in rows}
