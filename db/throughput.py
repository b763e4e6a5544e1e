"""What came in, was routed and was shipped in each stretch of time, and where the orders of each channel stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from sqlalchemy import Column, Connection, func, literal_column, select

from db.order_reading import ORDERS
from db.tables.fulfillment import RoutingDecisionRow, ShipmentRow
from domain.progress import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

DECISIONS = RoutingDecisionRow.__table__  # type: ignore[attr-defined]
BY_CHANNEL = ORDERS.c.connection_id.concat(literal_column("''"))
"""To group by: by the bare column SQLite would read the whole table in an index's order rather than sort a day's orders."""
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
    end = int(until.timestamp()) // size + 1
    edges = [datetime.fromtimestamp(number * size, until.tzinfo) for number in range(end - count, end + 1)]
    columns = (ORDERS.c.recorded_at, DECISIONS.c.decided_at, SHIPMENTS.c.shipped_at)
    return [Stretch(*each) for each in zip(edges, *(_counted(tx, column, edges) for column in columns), strict=False)]


def _counted(tx: Connection, column: Column[Any], edges: Sequence[datetime]) -> Sequence[int]:
    """Between each edge and the next, from the column's index alone."""
    counts = [
        select(func.count()).where(column >= start, column < end).scalar_subquery() for start, end in pairwise(edges)
    ]
    return tx.execute(select(*counts)).one()


def open_orders(tx: Connection) -> list[ChannelOrders]:
    """Those that are not over, by channel and state."""
    return _by_channel(tx, ORDERS.c.state.in_(OPEN))


def recent_orders(tx: Connection, since: datetime) -> list[ChannelOrders]:
    """Those that came in since then, by channel and state."""
    return _by_channel(tx, ORDERS.c.recorded_at >= since)


def _by_channel(tx: Connection, condition: Any) -> list[ChannelOrders]:
    query = select(BY_CHANNEL, ORDERS.c.state, func.count()).where(condition).group_by(BY_CHANNEL, ORDERS.c.state)
    return sorted(ChannelOrders(*row) for row in tx.execute(query))
