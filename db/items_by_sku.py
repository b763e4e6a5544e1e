"""Which item a connection means by a SKU."""

from sqlalchemy import Connection, select

from db.tables.stock import ItemAliasRow

ALIASES = ItemAliasRow.__table__  # type: ignore[attr-defined]


def items_by_sku(tx: Connection, connection_id: str, skus: set[str]) -> dict[str, str]:
    """Item ids of those SKUs that are mapped; the connection's own alias wins over the common one."""
    rows = tx.execute(
        select(ALIASES.c.sku, ALIASES.c.item_id, ALIASES.c.connection_id)
        .where(ALIASES.c.sku.in_(skus), ALIASES.c.connection_id.in_(["", connection_id]))
        .order_by(ALIASES.c.connection_id)
    )
    return {row.sku: row.item_id for row in rows}
