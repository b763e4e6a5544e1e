"""How long changes of content took from their edit to their proof, counted by hour."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Table

from db.tables.content import ContentLatencyRow
from db.upsert import dialect_insert
from domain.latency import bucket

LATENCIES: Table = ContentLatencyRow.__table__  # type: ignore[attr-defined]


def note(tx: Connection, connection_id: str, took: timedelta, now: datetime) -> None:
    """One listing shows what it should, since this long after it should."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    row = {"connection_id": connection_id, "hour": hour, "bucket": bucket(took.total_seconds()), "listings": 1}
    insert = dialect_insert(LATENCIES, tx.dialect.name)
    more = {"listings": LATENCIES.c.listings + insert.excluded.listings}
    tx.execute(insert.on_conflict_do_update(index_elements=["connection_id", "hour", "bucket"], set_=more), [row])
