"""Up to when the hours of a measure have been measured."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Table, select

from db.tables.verification import MeasureClockRow
from db.upsert import put

CLOCK: Table = MeasureClockRow.__table__  # type: ignore[attr-defined]
STOCK, CONTENT = 1, 2

MOST = timedelta(minutes=10)
"""What is longer than this nobody has watched."""


class Watched(NamedTuple):
    """The time since the last measurement, as far as it was watched."""

    since: datetime
    seconds: int


def tick(tx: Connection, what: int, now: datetime) -> Watched | None:
    """Measured up to now; None the first time."""
    before = tx.execute(select(CLOCK.c.measured_to).where(CLOCK.c.id == what)).scalar()
    put(tx, CLOCK, {"id": what, "measured_to": now}, keys=("id",))
    if before is None or now <= before:
        return None
    return Watched(before, round(min(now - before, MOST).total_seconds()))
