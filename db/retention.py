"""Forgets what is past its retention; ledgers, decisions' results and facts of orders stay."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from db import sign_in_tries, stock_retention
from db.inbox import INBOX
from db.one_time_codes import CODES
from db.order_reading import DECISIONS, EFFECTS
from db.sessions import SESSIONS
from db.tables.content import ContentHourRow, ContentLatencyRow, ContentVerificationRow, ListingDriftRow
from db.tables.governance import IdempotencyRow
from db.tables.inbox import ForgedRow

FORGED = ForgedRow.__table__  # type: ignore[attr-defined]
CONTENT_DRIFTS = ListingDriftRow.__table__  # type: ignore[attr-defined]
CONTENT_ROUNDS = ContentVerificationRow.__table__  # type: ignore[attr-defined]
CONTENT_HOURS = (ContentHourRow.__table__, ContentLatencyRow.__table__)  # type: ignore[attr-defined]
IDEMPOTENCY = IdempotencyRow.__table__  # type: ignore[attr-defined]
IDEMPOTENCY_KEPT = timedelta(days=7)
SESSIONS_KEPT = timedelta(days=30)
"""After their end, so that who comes back is told that the session is over."""
ROWS = 1000


def forget(tx: Connection, now: datetime, *, inbox: timedelta, effects: timedelta, decisions: timedelta) -> int:
    """Delete a bounded number of rows per call, so that no write waits long behind it; returns how many."""
    return (
        _some(tx, INBOX, INBOX.c.id, INBOX.c.state != "new", INBOX.c.received_at < now - inbox)
        + _some(tx, EFFECTS, EFFECTS.c.key, EFFECTS.c.settled_at < now - effects)
        + _old_decisions(tx, now - decisions)
        + _some(tx, IDEMPOTENCY, IDEMPOTENCY.c.key, IDEMPOTENCY.c.at < now - IDEMPOTENCY_KEPT)
        + _some(tx, SESSIONS, SESSIONS.c.id, SESSIONS.c.expires_at < now - SESSIONS_KEPT)
        + _some(tx, CODES, CODES.c.code_hash, CODES.c.expires_at < now - SESSIONS_KEPT)
        + sign_in_tries.forget(tx, now)
        + _some(tx, CONTENT_DRIFTS, CONTENT_DRIFTS.c.id, CONTENT_DRIFTS.c.closed_at < now - decisions)
        + _some(tx, CONTENT_ROUNDS, CONTENT_ROUNDS.c.id, CONTENT_ROUNDS.c.ended_at < now - decisions)
        + sum(int(tx.execute(delete(hours).where(hours.c.hour < now - decisions)).rowcount) for hours in CONTENT_HOURS)
        + stock_retention.forget(tx, now)
        + int(tx.execute(delete(FORGED).where(FORGED.c.minute < now - inbox)).rowcount)
    )


def _some(tx: Connection, table: Any, key: Any, *which: Any) -> int:
    chosen = select(key).where(*which).limit(ROWS)
    return int(tx.execute(delete(table).where(key.in_(chosen), *which)).rowcount)


def _old_decisions(tx: Connection, before: datetime) -> int:
    return int(tx.execute(delete(DECISIONS).where(DECISIONS.c.decided_at < before)).rowcount)
