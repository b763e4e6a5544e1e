"""How right a channel's numbers are: its measures over a time, before the flow was on and since."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from db.publication_latency import LATENCIES
from db.stock_hours import HOURS
from db.window_losses import LOSSES
from domain.latency import percentile


class Quality(NamedTuple):
    """Measures of one connection over the hours in which its flow was on, or was not yet (`is_baseline`).

    Shares are 0 to 1, times seconds; what nothing is known of is None.
    """

    connection_id: str
    is_baseline: bool
    accuracy: float | None
    latency_p50: float | None
    latency_p95: float | None
    orders: int
    canceled_for_stock_per_10000: float | None
    window_loss_units: Mapping[str, int]
    """By cause: late, crossed, drift, channel."""


def between(tx: Connection, since: datetime, until: datetime, connection_id: str = "") -> list[Quality]:
    """By connection, the baseline first."""
    hours = defaultdict(list)
    for row in _in_time(tx, select(HOURS), HOURS, HOURS.c.hour, since, until, connection_id):
        hours[row.connection_id, row.mode == "on"].append(row)
    taken: dict[str, Counter[int]] = defaultdict(Counter)
    for row in _in_time(tx, select(LATENCIES), LATENCIES, LATENCIES.c.hour, since, until, connection_id):
        taken[row.connection_id][row.bucket] += row.numbers
    lost: dict[str, dict[str, int]] = defaultdict(dict)
    units = select(LOSSES.c.connection_id, LOSSES.c.cause, func.sum(LOSSES.c.units).label("units"))
    by_cause = units.group_by(LOSSES.c.connection_id, LOSSES.c.cause)
    for row in _in_time(tx, by_cause, LOSSES, LOSSES.c.at, since, until, connection_id):
        lost[row.connection_id][row.cause] = int(row.units)
    return [
        _quality(name, rows, taken[name] if is_on else {}, lost[name] if is_on else {}, is_on=is_on)
        for (name, is_on), rows in sorted(hours.items())
    ]


class Hour(NamedTuple):
    """Measures of one hour of one connection, under the mode in which its flow was."""

    connection_id: str
    hour: datetime
    mode: str
    accuracy: float | None
    latency_p50: float | None
    latency_p95: float | None
    orders: int
    canceled_for_stock: int
    window_loss_units: Mapping[str, int]


def hours(tx: Connection, since: datetime, until: datetime, connection_id: str = "") -> list[Hour]:
    """By connection and hour; what was confirmed or lost in an hour stands with its `on`."""
    taken: dict[tuple[str, datetime], Counter[int]] = defaultdict(Counter)
    for row in _in_time(tx, select(LATENCIES), LATENCIES, LATENCIES.c.hour, since, until, connection_id):
        taken[row.connection_id, row.hour][row.bucket] += row.numbers
    lost: dict[tuple[str, datetime], Counter[str]] = defaultdict(Counter)
    for row in _in_time(tx, select(LOSSES), LOSSES, LOSSES.c.at, since, until, connection_id):
        lost[row.connection_id, row.at.replace(minute=0, second=0, microsecond=0)][row.cause] += row.units
    rows = _in_time(tx, select(HOURS), HOURS, HOURS.c.hour, since, until, connection_id)
    found = []
    for row in sorted(rows, key=lambda row: (row.connection_id, row.hour, row.mode)):
        is_on = row.mode == "on"
        quality = _quality(
            row.connection_id, [row], taken[row.connection_id, row.hour] if is_on else {},
            lost[row.connection_id, row.hour] if is_on else {}, is_on=is_on,
        )  # fmt: skip
        same = {name: getattr(quality, name) for name in ("accuracy", "latency_p50", "latency_p95", "orders", "window_loss_units")}  # fmt: skip
        found.append(Hour(row.connection_id, row.hour, row.mode, canceled_for_stock=row.canceled_for_stock, **same))
    return found


def _in_time(
    tx: Connection, query: Any, table: Any, moment: Any, since: datetime, until: datetime, connection_id: str
) -> Iterable[Row[Any]]:
    query = query.where(moment >= since, moment < until)
    return tx.execute(query.where(table.c.connection_id == connection_id) if connection_id else query)


def _quality(
    name: str, rows: list[Row[Any]], taken: Mapping[int, int], lost: Mapping[str, int], *, is_on: bool
) -> Quality:
    listed, orders = sum(row.listed_s for row in rows), sum(row.orders for row in rows)
    accurate, canceled = sum(row.accurate_s for row in rows), sum(row.canceled_for_stock for row in rows)
    return Quality(
        connection_id=name,
        is_baseline=not is_on,
        accuracy=max(0.0, accurate / listed) if listed else None,
        latency_p50=percentile(taken, 0.5),
        latency_p95=percentile(taken, 0.95),
        orders=orders,
        canceled_for_stock_per_10000=10_000 * canceled / orders if orders else None,
        window_loss_units=dict(lost),
    )
