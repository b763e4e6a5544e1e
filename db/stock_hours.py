"""The measures of stock, hour by hour: what was right for how long, orders, and orders canceled for want of stock."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, select

from db import hours, measure_clock
from db.availability import LISTINGS
from db.flows import INVENTORY, running
from db.order_reading import ORDERS
from db.tables.verification import StockHourRow

HOURS = StockHourRow.__table__  # type: ignore[attr-defined]

ARRIVED = timedelta(minutes=2)
"""Orders have this long to arrive before they are counted."""


def measure(tx: Connection, now: datetime) -> None:
    """The time since the last measurement, with the numbers as they are now."""
    watched = measure_clock.tick(tx, measure_clock.STOCK, now)
    if watched is None:
        return
    orders = _orders(tx, watched.since - ARRIVED, now - ARRIVED)
    right = and_(LISTINGS.c.confirmed == LISTINGS.c.expected, LISTINGS.c.state == "settled")
    counts = select(LISTINGS.c.connection_id, func.count(), func.sum(case((right, 1), else_=0)))
    known = {
        name: (int(listed), int(accurate))
        for name, listed, accurate in tx.execute(
            counts.where(LISTINGS.c.expected.is_not(None)).group_by(LISTINGS.c.connection_id)
        )
    }
    for name in running(tx, INVENTORY):
        listed, accurate = known.get(name, (0, 0))
        add(
            tx, name, now, listed_s=listed * watched.seconds, accurate_s=accurate * watched.seconds,
            orders=orders.get(name, 0),
        )  # fmt: skip


def add(tx: Connection, connection_id: str, now: datetime, **amounts: int) -> None:
    """Add to the hour's amounts, under the mode in which the flow is."""
    hours.add(tx, HOURS, INVENTORY, connection_id, now, amounts)


def unseen(tx: Connection, connection_id: str, since: datetime, now: datetime) -> None:
    """A number was found wrong that was right when it was last looked at: on average it was so for half of that time."""
    add(tx, connection_id, now, accurate_s=-round((now - since).total_seconds() / 2))


def canceled_for_stock(tx: Connection, order_id: str, now: datetime) -> None:
    """An order, or a part of it, is given up since its stock has not come."""
    connection_id = tx.execute(select(ORDERS.c.connection_id).where(ORDERS.c.id == order_id)).scalar_one()
    add(tx, connection_id, now, canceled_for_stock=1)


def _orders(tx: Connection, since: datetime, until: datetime) -> dict[str, int]:
    query = select(ORDERS.c.connection_id, func.count()).where(ORDERS.c.placed_at >= since, ORDERS.c.placed_at < until)
    return {row[0]: int(row[1]) for row in tx.execute(query.group_by(ORDERS.c.connection_id))}
