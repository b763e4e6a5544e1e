"""The hub's vital figures, for metrics and readiness."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from db import forged
from db.exceptions import EXCEPTIONS
from db.facts import OUTBOX
from db.inbox import INBOX
from db.leases import LEASES
from db.order_reading import EFFECTS, ORDERS
from db.vault import SUBJECTS


class Figures(NamedTuple):
    """Counts by label, and the age of what has waited longest in the outbox (0 when nothing is due)."""

    orders: dict[str, int]
    effects: dict[str, int]
    exceptions: dict[str, int]
    forged: dict[str, int]
    inbox_new: int
    outbox: int
    outbox_oldest_seconds: float


def read(tx: Connection, now: datetime) -> Figures:
    """Everything in one snapshot."""
    open_exceptions = EXCEPTIONS.c.closed_at.is_(None)
    waiting = tx.execute(select(func.count(), func.min(OUTBOX.c.due_at)).select_from(OUTBOX)).one()
    new = tx.execute(select(func.count()).select_from(INBOX).where(INBOX.c.state == "new")).scalar_one()
    severities = select(EXCEPTIONS.c.severity, func.count()).where(open_exceptions).group_by(EXCEPTIONS.c.severity)
    return Figures(
        orders=_counts(tx, select(ORDERS.c.state, func.count()).group_by(ORDERS.c.state)),
        effects=_counts(tx, select(EFFECTS.c.state, func.count()).group_by(EFFECTS.c.state)),
        exceptions=_counts(tx, severities),
        forged=forged.total(tx),
        inbox_new=int(new),
        outbox=int(waiting[0]),
        outbox_oldest_seconds=max(0.0, (now - waiting[1]).total_seconds()) if waiting[1] else 0.0,
    )


def leases(tx: Connection) -> dict[str, datetime]:
    """Until when each job is taken care of by some process."""
    return {row.name: row.until for row in tx.execute(select(LEASES.c.name, LEASES.c.until))}


def some_wrapped_key(tx: Connection) -> bytes | None:
    """A key that only this installation's master key can open."""
    return tx.execute(select(SUBJECTS.c.wrapped_key).where(SUBJECTS.c.wrapped_key.is_not(None)).limit(1)).scalar()


def _counts(tx: Connection, query: Select[Any]) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in tx.execute(query)}
