"""Forgets old drift, rounds of verification, alerts' messages and hourly measures."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from db.alerts import MESSAGES
from db.drift import DRIFTS
from db.publication_latency import LATENCIES
from db.stock_hours import HOURS
from db.verification import ROUNDS
from db.window_losses import LOSSES

FOUND_KEPT = timedelta(days=180)
"""What was found and mended; what is open stays."""
MEASURES_KEPT = timedelta(days=800)
"""Two years and a season, so that a peak can be compared with the one before."""


def forget(tx: Connection, now: datetime) -> int:
    """A minute's worth at a time, since it runs every minute; returns how many rows."""
    found, measured = now - FOUND_KEPT, now - MEASURES_KEPT
    old = (
        delete(DRIFTS).where(DRIFTS.c.closed_at < found),
        delete(ROUNDS).where(ROUNDS.c.ended_at < found),
        delete(MESSAGES).where(MESSAGES.c.state != "new", MESSAGES.c.due_at < found),
        delete(HOURS).where(HOURS.c.hour < measured),
        delete(LATENCIES).where(LATENCIES.c.hour < measured),
        delete(LOSSES).where(LOSSES.c.at < measured),
    )
    return sum(int(tx.execute(each).rowcount) for each in old)
