"""Why goods come back, and how much of what was shipped does."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from db.order_reading import FULFILLMENT_LINES, ORDERS
from db.returns.rows import RETURN_LINES, RETURNS


class Reasons(NamedTuple):
    """Units that were announced, by SKU, channel and reason."""

    sku: str
    connection_id: str
    reason: str
    units: int


class Rate(NamedTuple):
    """Units that a channel's buyers sent back, of those that left for them."""

    connection_id: str
    shipped: int
    announced: int
    paid: int

    @property
    def rate(self) -> float:
        """Of 1; nothing shipped counts as nothing returned."""
        return self.announced / self.shipped if self.shipped else 0.0


def reasons(tx: Connection) -> list[Reasons]:
    """The most frequent first."""
    units = func.sum(RETURN_LINES.c.announced)
    rows = tx.execute(
        select(RETURN_LINES.c.sku, RETURNS.c.connection_id, RETURN_LINES.c.reason, units)
        .join(RETURNS, RETURNS.c.id == RETURN_LINES.c.return_id)
        .group_by(RETURN_LINES.c.sku, RETURNS.c.connection_id, RETURN_LINES.c.reason)
        .order_by(units.desc(), RETURN_LINES.c.sku)
    )
    return [Reasons(sku, connection, reason, int(n)) for sku, connection, reason, n in rows]


def rates(tx: Connection) -> list[Rate]:
    """Every channel that has shipped anything."""
    shipped = tx.execute(
        select(ORDERS.c.connection_id, func.sum(FULFILLMENT_LINES.c.shipped))
        .join(FULFILLMENT_LINES, FULFILLMENT_LINES.c.order_id == ORDERS.c.id)
        .group_by(ORDERS.c.connection_id)
        .order_by(ORDERS.c.connection_id)
    )
    back = {
        connection: (int(announced), int(paid))
        for connection, announced, paid in tx.execute(
            select(RETURNS.c.connection_id, func.sum(RETURN_LINES.c.announced), func.sum(RETURN_LINES.c.paid))
            .join(RETURNS, RETURNS.c.id == RETURN_LINES.c.return_id)
            .group_by(RETURNS.c.connection_id)
        )
    }
    return [Rate(connection, int(n), *back.get(connection, (0, 0))) for connection, n in shipped if n]
