"""A wide assortment in the database: one product of four variants, copied under other names with its items and their stock."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.catalog import install, many_products
from db.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from db.session import Database

PRODUCTS, VARIANTS = 5_000, 4
ON_HAND, PLACE = 25, "BER"
AT_ONCE = 500
TEMPLATE = "shirt-00000"
TABLES = {"products": "id", "product_variants": "product_id"}


async def widen(database: Database) -> int:
    """So many SKUs there are then."""
    await install(database, many_products(1, variants=VARIANTS))
    template = await database.read(_template)
    for start in range(1, PRODUCTS, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, PRODUCTS))
        await database.write(partial(_copy, template=template, numbers=numbers))
    return PRODUCTS * VARIANTS


def _template(tx: Connection) -> dict[str, list[dict[str, Any]]]:
    """The rows of the product, of its variants, items and stock."""
    found = {}
    for name, key in TABLES.items():
        table = METADATA.tables[name]
        found[name] = [row._asdict() for row in tx.execute(select(table).where(table.c[key] == TEMPLATE))]
    items = METADATA.tables["items"]
    mine = items.c.id.in_([row["item_id"] for row in found["product_variants"]])
    found["items"] = [row._asdict() for row in tx.execute(select(items).where(mine))]
    stock = {
        "location_id": PLACE,
        "condition": "sellable",
        "on_hand": ON_HAND,
        "reserved": 0,
        "in_transit": 0,
        "incoming": 0,
    }
    found["inventory_levels"] = [{"item_id": row["id"], **stock, "version": 1, "seen": 1} for row in found["items"]]
    return found


def _copy(tx: Connection, template: Mapping[str, list[dict[str, Any]]], numbers: range) -> None:
    for name, rows in template.items():
        tx.execute(METADATA.tables[name].insert(), [_named(row, number) for number in numbers for row in rows])


def _named(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {name: _renamed(value, number) for name, value in row.items()}


def _renamed(value: Any, number: int) -> Any:
    if isinstance(value, dict | list):
        return json.loads(_renamed(json.dumps(value), number))
    if isinstance(value, str):
        old, new = TEMPLATE, f"shirt-{number:05}"
        return value.replace(old, new).replace(old.upper(), new.upper()).replace("Shirt 0", f"Shirt {number}")
    return value
