"""How long each number took from being known here to being confirmed there."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from db.tables.verification import PublicationLatencyRow
from db.upsert import dialect_insert
from domain.latency import bucket
from domain.publication import After

LATENCIES = PublicationLatencyRow.__table__  # type: ignore[attr-defined]


def note(tx: Connection, settled: Iterable[tuple[Row[Any], After]], now: datetime) -> None:
    """Count those that were confirmed for the first time, and of which nothing newer is known."""
    taken = Counter(
        (row.connection_id, bucket((now - row.expected_at).total_seconds()))
        for row, then in settled
        if _is_first_proof(row, then)
    )
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = [
        {"connection_id": connection, "hour": hour, "bucket": place, "numbers": numbers}
        for (connection, place), numbers in taken.items()
    ]
    if rows:
        insert = dialect_insert(LATENCIES, tx.dialect.name)
        more = {"numbers": LATENCIES.c.numbers + insert.excluded.numbers}
        tx.execute(insert.on_conflict_do_update(index_elements=["connection_id", "hour", "bucket"], set_=more), rows)


def _is_first_proof(row: Row[Any], then: After) -> bool:
    is_ours = then.confirmed_by in {"answer", "read_back"} and then.confirmed == row.published
    is_newest = row.confirmed_version < row.published_version == row.version
    return is_ours and is_newest and row.expected_at is not None
