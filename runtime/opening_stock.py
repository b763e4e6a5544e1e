"""Taking over the stock that a platform shows when its connection is opened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from db import items, locations
from db.inventory_queries import is_booked, levels
from db.items_by_sku import items_by_sku
from db.restock import receive
from db.sku_mapping import map_sku
from domain.base import Frozen
from domain.item import Alias, Item

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from connectors.contract import RemoteStock
    from db.session import Database


class Imported(Frozen):
    """What became of one number."""

    sku: str
    place: str
    units: int
    outcome: Literal["imported", "already", "unknown_sku", "unmapped_place", "not_shipped_by_it", "has_stock", "bundle"]
    location_id: str = ""


async def import_stock(
    database: Database, connection_id: str, found: Iterable[RemoteStock], make_items: bool
) -> tuple[Imported, ...]:
    """One receipt per number, with a key that books it once; one bad number stops no other.

    Only who ships from a location opens its stock: a sales channel shows numbers that are somebody else's.
    """

    def work(tx: Connection) -> tuple[Imported, ...]:
        return tuple(_take(tx, connection_id, number, make_items=make_items) for number in found)

    return await database.write(work)


def _take(tx: Connection, connection_id: str, number: RemoteStock, *, make_items: bool) -> Imported:
    now = datetime.now(UTC)
    location_id = locations.mappings(tx, connection_id).get(number.location_external_id) or ""
    said = Imported(
        sku=number.sku, place=number.location_external_id, units=number.available, outcome="imported",
        location_id=location_id,
    )  # fmt: skip
    item_id = _item(tx, connection_id, number, now, make_items=make_items)
    key = f"opening:{connection_id}:{number.sku}:{location_id}"
    if not location_id:
        outcome = "unmapped_place"
    elif item_id is None:
        outcome = "unknown_sku"
    elif is_booked(tx, key):
        outcome = "already"
    elif locations.load(tx, location_id).connection_id != connection_id:
        outcome = "not_shipped_by_it"
    elif items.load(tx, item_id).components:
        outcome = "bundle"
    elif levels(tx, item_id=item_id, location_id=location_id):
        outcome = "has_stock"
    else:
        receive(tx, key, item_id, location_id, number.available, at=now)
        return said
    return said.model_copy(update={"outcome": outcome})


def _item(tx: Connection, connection_id: str, number: RemoteStock, now: datetime, *, make_items: bool) -> str | None:
    known = items_by_sku(tx, connection_id, {number.sku}).get(number.sku)
    if known is None and make_items and (made := _made(tx, number.sku)):
        known = made
    if known is not None:
        alias = Alias(sku=number.sku, connection_id=connection_id, external_id=number.item_external_id)
        map_sku(tx, known, alias, by="opening stock", now=now)
    return known


def _made(tx: Connection, sku: str) -> str | None:
    """An item with the SKU as its id; None where no id can be made of it, and a person must choose one."""
    try:
        item = Item(id=sku, title=sku)
    except ValidationError:
        return None
    if items.find(tx, sku) is None:
        items.put(tx, item)
    return sku
