"""What came in, was routed and was shipped in each stretch of time, and where the orders of each channel stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, get_args

from sqlalchemy import Column, Connection, Integer, cast, extract, func, select

from db.order_reading import ORDERS
from db.tables.fulfillment import RoutingDecisionRow, ShipmentRow
from domain.progress import Stage

DECISIONS = RoutingDecisionRow.__table__  # type: ignore[attr-defined]
OPEN = ("received", *(stage for stage in get_args(Stage) if stage != "over"))
SHIPMENTS = ShipmentRow.__table__  # type: ignore[attr-defined]


class Stretch(NamedTuple):
    """From `at` on, as long as was asked for."""

    at: datetime
    received: int
    routed: int
    shipped: int


class ChannelOrders(NamedTuple):
    """How many orders of one connection are in one state."""

    connection_id: str
    state: str
    orders: int


def stretches(tx: Connection, until: datetime, length: timedelta, count: int) -> list[Stretch]:
    """The last `count` stretches, oldest first; they begin at whole multiples of their length."""
    size = int(length.total_seconds())
    last = int(until.timestamp()) // size
    first = last - count + 1
    columns = (ORDERS.c.recorded_at, DECISIONS.c.decided_at, SHIPMENTS.c.shipped_at)
    counted = [_counted(tx, column, first, size, until.tzinfo) for column in columns]
    return [
        Stretch(datetime.fromtimestamp(number * size, until.tzinfo), *(each.get(number, 0) for each in counted))
        for number in range(first, last + 1)
    ]


def _counted(tx: Connection, column: Column[Any], first: int, size: int, zone: Any) -> dict[int, int]:
    number = (cast(extract("epoch", column), Integer) // size).label("stretch")
    since = datetime.fromtimestamp(first * size, zone)
    query = select(number, func.count()).where(column >= since).group_by(number)
    return {int(each): int(times) for each, times in tx.execute(query)}


def open_orders(tx: Connection) -> list[ChannelOrders]:
    """Those that are not over, by channel and state."""
    return _by_channel(tx, ORDERS.c.state.in_(OPEN))


def recent_orders(tx: Connection, since: datetime) -> list[ChannelOrders]:
    """Those that came in since then, by channel and state."""
    return _by_channel(tx, ORDERS.c.recorded_at >= since)


def _by_channel(tx: Connection, condition: Any) -> list[ChannelOrders]:
    query = select(ORDERS.c.connection_id, ORDERS.c.state, func.count()).where(condition)
    grouped = query.group_by(ORDERS.c.connection_id, ORDERS.c.state).order_by(ORDERS.c.connection_id, ORDERS.c.state)
    return [ChannelOrders(*row) for row in tx.execute(grouped)]
