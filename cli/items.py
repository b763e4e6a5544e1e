"""`tutti items`: the items, and the SKUs that they are known by."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.hub import change, done, now, operator, read, show
from db import items
from db.sku_mapping import map_sku, unmap_sku
from domain.item import Alias, Item

app = typer.Typer(help="Items, and the SKUs that they are known by.", no_args_is_help=True)

Connection = Annotated[str, typer.Option(help="only on this connection")]


@app.command("list")
def list_items(search: str = "", limit: int = 200) -> None:
    """Items with their SKUs."""
    found = read(lambda tx: items.page(tx, search=search, limit=limit))
    aliases = read(lambda tx: items.aliases(tx, [item.id for item in found]))
    show(
        ("id", "title", "SKUs", "made of"),
        (
            (
                item.id,
                item.title,
                ", ".join(f"{a.sku}@{a.connection_id}" if a.connection_id else a.sku for a in aliases[item.id]),
                ", ".join(f"{part.quantity} {part.item_id}" for part in item.components),
            )
            for item in found
        ),
    )


@app.command()
def add(item: str, title: str, weight_g: int = 0) -> None:
    """Make an item."""
    made = Item(id=item, title=title, weight_g=weight_g)
    change(lambda tx: items.put(tx, made), "item.put", item, made.model_dump(mode="json"))


@app.command("map")
def map_one(sku: str, item: str, connection: Connection = "") -> None:
    """Say which item a SKU is; every order that waits for it goes on."""
    alias = Alias(sku=sku, connection_id=connection)
    mapped = change(
        lambda tx: map_sku(tx, item, alias, by=operator().name, now=now()), "item.map", item, alias.model_dump()
    )
    done(f"{sku} is {item}; {len(mapped.order_ids)} orders go on")


@app.command()
def unmap(sku: str, connection: Connection = "") -> None:
    """Later orders with this SKU wait."""
    was = change(lambda tx: unmap_sku(tx, sku, connection), "item.unmap", sku, {"connection_id": connection})
    done("unmapped" if was else "it was not mapped")
