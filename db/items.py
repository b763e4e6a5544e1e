"""Items and bundles."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from db.items_by_sku import ALIASES
from db.ledger import LEVELS
from db.recompute import follow_parts
from db.tables.stock import ItemRow
from db.upsert import put as put_row
from domain.errors import DomainError
from domain.item import Alias, Component, Item

ITEMS = ItemRow.__table__  # type: ignore[attr-defined]


def find(tx: Connection, item_id: str) -> Item | None:
    row = tx.execute(select(ITEMS).where(ITEMS.c.id == item_id)).first()
    return _item(row) if row else None


def load(tx: Connection, item_id: str) -> Item:
    item = find(tx, item_id)
    if item is None:
        raise DomainError("unknown_item", f"there is no item {item_id!r}; list the items to find its id, or make it")
    return item


def page(
    tx: Connection, *, search: str = "", after: str = "", limit: int = 50, where: Sequence[ColumnElement[bool]] = ()
) -> list[Item]:
    """By id; `search` finds part of an id, a title or a SKU, `where` says what else must hold of the item's row."""
    query = select(ITEMS).where(ITEMS.c.id > after, *where).order_by(ITEMS.c.id).limit(limit)
    if search:
        by_sku = select(ALIASES.c.item_id).where(ALIASES.c.sku.icontains(search, autoescape=True))
        query = query.where(
            or_(
                ITEMS.c.id.icontains(search, autoescape=True),
                ITEMS.c.title.icontains(search, autoescape=True),
                ITEMS.c.id.in_(by_sku),
            )
        )
    return [_item(row) for row in tx.execute(query)]


def put(tx: Connection, item: Item) -> Item | None:
    """Make it or replace it; returns what it was before.

    Bundles are one level deep, and their components are the only truth about stock: what has stock is no bundle.
    """
    before = find(tx, item.id)
    if item.components:
        _check_bundle(tx, item)
    row = item.model_dump(mode="json") | {"components": [[c.item_id, c.quantity] for c in item.components]}
    put_row(tx, ITEMS, row, keys=("id",))
    if item.components != (before.components if before else ()):
        follow_parts(tx, item, datetime.now(UTC))
    return before


def bundles_with(tx: Connection, item_id: str) -> list[str]:
    """Ids of the bundles that the item is part of."""
    rows = tx.execute(select(ITEMS.c.id, ITEMS.c.components).order_by(ITEMS.c.id))
    return [row.id for row in rows if any(part == item_id for part, _ in row.components)]


def aliases(tx: Connection, item_ids: Iterable[str]) -> dict[str, list[Alias]]:
    """The SKUs of each item."""
    found: dict[str, list[Alias]] = {item_id: [] for item_id in item_ids}
    rows = tx.execute(
        select(ALIASES).where(ALIASES.c.item_id.in_(list(found))).order_by(ALIASES.c.sku, ALIASES.c.connection_id)
    )
    for row in rows:
        found[row.item_id].append(Alias(sku=row.sku, connection_id=row.connection_id, external_id=row.external_id))
    return found


def _check_bundle(tx: Connection, bundle: Item) -> None:
    parts = [component.item_id for component in bundle.components]
    known = {row.id: row for row in tx.execute(select(ITEMS).where(ITEMS.c.id.in_(parts)))}
    for part in parts:
        if part not in known:
            raise DomainError("unknown_item", f"components: there is no item {part!r}; make it first")
        if known[part].components:
            raise DomainError("nested_bundle", f"components: {part!r} is a bundle itself; name what it is made of")
    if outer := bundles_with(tx, bundle.id):
        raise DomainError("nested_bundle", f"components: {bundle.id!r} is part of {outer[0]!r} and cannot be a bundle")
    held = select(LEVELS.c.item_id).where(
        LEVELS.c.item_id == bundle.id, or_(LEVELS.c.on_hand != 0, LEVELS.c.reserved != 0)
    )
    if tx.execute(held.limit(1)).first():
        raise DomainError("bundle_with_stock", f"{bundle.id!r} has stock of its own; count it to 0 first")


def _item(row: Row[Any]) -> Item:
    components = tuple(Component(item_id=part, quantity=quantity) for part, quantity in row.components)
    return Item.model_validate(row._asdict() | {"components": components})
