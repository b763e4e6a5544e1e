"""Saying which item a SKU is: every order line that waits for it goes on in the same transaction (R1)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from db import items, store_news
from db.exceptions import close_cause
from db.facts import Fact, record_for_each
from db.items_by_sku import ALIASES
from db.order_reading import LINES, ORDERS
from db.stock_listings import follow_sku
from db.upsert import put
from domain.item import Alias

BATCH = 500


class Mapped(NamedTuple):
    """What a mapping set going: lines that got their item, and the orders they belong to."""

    lines: int
    order_ids: tuple[str, ...]


def map_sku(tx: Connection, item_id: str, alias: Alias, *, by: str, now: datetime) -> Mapped:
    """Make the SKU mean this item. Lines that have an item already keep it: their stock may be promised."""
    items.load(tx, item_id)
    row = alias.model_dump() | {"item_id": item_id}
    put(tx, ALIASES, row, keys=("sku", "connection_id"))
    here = select(ORDERS.c.id)
    if alias.connection_id:
        here = here.where(ORDERS.c.connection_id == alias.connection_id)
    filled = tx.execute(
        update(LINES)
        .where(LINES.c.sku == alias.sku, LINES.c.item_id.is_(None), LINES.c.order_id.in_(here))
        .values(item_id=item_id)
        .returning(LINES.c.order_id)
    ).scalars()
    lines = list(filled)
    order_ids = sorted(set(lines))
    data = {"sku": alias.sku, "item": item_id}
    record_for_each(tx, order_ids, Fact("mapped", f"mapped:{alias.sku}@{now.isoformat()}", now, by, data), now)
    for connection_id in _connections(tx, order_ids) | ({alias.connection_id} - {""}):
        close_cause(tx, f"unmapped_sku:{connection_id}:{alias.sku}", now, by="cause gone")
    follow_sku(tx, alias.sku, alias.connection_id, item_id, now)
    store_news.retake(tx, now, sku=alias.sku)
    return Mapped(len(lines), tuple(order_ids))


def unmap_sku(tx: Connection, sku: str, connection_id: str) -> bool:
    """Later orders with this SKU wait again; True if it was mapped. Lines that have their item keep it."""
    mine = (ALIASES.c.sku == sku, ALIASES.c.connection_id == connection_id)
    was = bool(tx.execute(delete(ALIASES).where(*mine)).rowcount)
    if was:
        follow_sku(tx, sku, connection_id, "", datetime.now(UTC))
    return was


def _connections(tx: Connection, order_ids: Sequence[str]) -> set[str]:
    return {
        connection_id
        for some in _batches(order_ids)
        for connection_id in tx.execute(
            select(ORDERS.c.connection_id).where(ORDERS.c.id.in_(some)).distinct()
        ).scalars()
    }


def _batches(order_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (order_ids[start : start + BATCH] for start in range(0, len(order_ids), BATCH))
