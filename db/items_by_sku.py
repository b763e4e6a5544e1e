"""Which item a connection means by a SKU."""

from sqlalchemy import Connection, bindparam, select

from db.tables.stock import ItemAliasRow

ALIASES = ItemAliasRow.__table__  # type: ignore[attr-defined]


_MEANT = (
    select(ALIASES.c.sku, ALIASES.c.item_id)
    .where(
        ALIASES.c.sku.in_(bindparam("skus", expanding=True)),
        ALIASES.c.connection_id.in_(["", bindparam("connection_id")]),
    )
    .order_by(ALIASES.c.connection_id)
)


def items_by_sku(tx: Connection, connection_id: str, skus: set[str]) -> dict[str, str]:
    """Item ids of those SKUs that are mapped; the connection's own alias wins over the common one."""
    rows = tx.execute(_MEANT, {"skus": list(skus), "connection_id": connection_id})
    return {row.sku: row.item_id for row in rows}
