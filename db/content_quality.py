"""Product information accuracy: how right a channel's content is over a time, before its flow was on and since."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from db.content_hours import HOURS
from db.content_latency import LATENCIES
from domain.latency import percentile


class ContentQuality(NamedTuple):
    """Of one connection over the hours in which its flow was on, or was not yet (`is_baseline`).

    `accuracy` is the share of fields times listings where what is shown is what was confirmed and what is expected,
    0 to 1, over time; latencies are from an edit to its proof, in seconds. What nothing is known of is None.
    """

    connection_id: str
    is_baseline: bool
    accuracy: float | None
    latency_p50: float | None
    latency_p95: float | None
    changes: int


class AccuracyHour(NamedTuple):
    """One hour of a connection; what is not `on` is the baseline."""

    connection_id: str
    hour: datetime
    mode: str
    accuracy: float | None


def between(tx: Connection, since: datetime, until: datetime, connection_id: str = "") -> list[ContentQuality]:
    """By connection, the baseline first."""
    amounts: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0])
    for row in tx.execute(_hours(since, until, connection_id)):
        sums = amounts[row.connection_id, row.mode == "on"]
        sums[0], sums[1] = sums[0] + row.listed_s, sums[1] + row.accurate_s
    taken: dict[str, Counter[int]] = defaultdict(Counter)
    for row in tx.execute(select(LATENCIES).where(LATENCIES.c.hour >= since, LATENCIES.c.hour < until)):
        taken[row.connection_id][row.bucket] += row.listings
    return [
        ContentQuality(
            connection_id=name, is_baseline=not is_on, accuracy=_share(listed, accurate),
            latency_p50=percentile(taken[name], 0.5) if is_on else None,
            latency_p95=percentile(taken[name], 0.95) if is_on else None,
            changes=sum(taken[name].values()) if is_on else 0,
        )
        for (name, is_on), (listed, accurate) in sorted(amounts.items())
    ]  # fmt: skip


def by_hour(tx: Connection, since: datetime, until: datetime, connection_id: str = "") -> list[AccuracyHour]:
    """The oldest first."""
    rows = tx.execute(_hours(since, until, connection_id).order_by(HOURS.c.hour, HOURS.c.connection_id, HOURS.c.mode))
    return [AccuracyHour(row.connection_id, row.hour, row.mode, _share(row.listed_s, row.accurate_s)) for row in rows]


def _hours(since: datetime, until: datetime, connection_id: str) -> Any:
    query = select(HOURS).where(HOURS.c.hour >= since, HOURS.c.hour < until)
    return query.where(HOURS.c.connection_id == connection_id) if connection_id else query


def _share(listed: int, accurate: int) -> float | None:
    return max(0.0, accurate / listed) if listed else None
