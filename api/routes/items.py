"""Items, bundles, and the SKUs that they are known by."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.schemas.text import Name, Strict, Word
from db import audit, connections, items
from db.sku_mapping import map_sku, unmap_sku
from domain.errors import DomainError
from domain.item import Alias, Component, Item, ItemId

router = APIRouter(prefix="/items", tags=["items"])

Id = Annotated[ItemId, Path()]
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


class ItemIn(Strict):
    """An item; with components it is a bundle."""

    title: Name
    weight_g: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    is_hazmat: bool = False
    sku_class: Word = ""
    components: tuple[Component, ...] = ()


class AliasIn(Strict):
    """A SKU: on one connection, or (empty) on all. `external_id` is the platform's own id of its stock."""

    sku: Name
    connection_id: Word = ""
    external_id: Word = ""


class ItemOut(Item):
    """With its SKUs."""

    aliases: list[Alias]


class ItemList(BaseModel):
    """A page; `next` goes on from the last of them, null on the last page."""

    items: list[ItemOut]
    next: str | None


class MappedOut(BaseModel):
    """What went on by the mapping."""

    lines: int
    orders: int


@router.get("")
async def list_items(
    hub: HubDep,
    _caller: Viewer,
    search: Text = "",
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ItemList:
    """By id; `search` finds a part of an id, a title or a SKU."""

    def work(tx: Connection) -> ItemList:
        found = items.page(tx, search=search, after=after, limit=limit + 1)
        return ItemList(
            items=_with_aliases(tx, found[:limit]), next=found[limit - 1].id if len(found) > limit else None
        )

    return await hub.database.read(work)


@router.get("/{item}")
async def show_item(item: Id, hub: HubDep, _caller: Viewer) -> ItemOut:
    """One item."""
    return await hub.database.read(lambda tx: _with_aliases(tx, [items.load(tx, item)])[0])


@router.put("/{item}")
async def put_item(item: Id, wish: ItemIn, hub: HubDep, caller: Operations, now: Now) -> ItemOut:
    """Make it or replace it; its SKUs stay."""
    try:
        wanted = Item(id=item, **wish.model_dump())
    except ValidationError as error:
        raise ProblemError(422, "bad_request", "; ".join(wrong["msg"] for wrong in error.errors())) from None

    def work(tx: Connection) -> ItemOut:
        before = items.put(tx, wanted)
        told = before.model_dump(mode="json") if before else None
        audit.record(tx, caller, "item.put", item, now=now, before=told, after=wanted.model_dump(mode="json"))
        return _with_aliases(tx, [wanted])[0]

    return await hub.database.write(work)


@router.put("/{item}/aliases")
async def put_alias(item: Id, alias: AliasIn, hub: HubDep, caller: Operations, now: Now) -> MappedOut:
    """Map a SKU to the item: every order that waits for it goes on."""

    def work(tx: Connection) -> MappedOut:
        if alias.connection_id:
            connections.load(tx, alias.connection_id)
        mapped = map_sku(tx, item, Alias(**alias.model_dump()), by=caller.name, now=now)
        after = alias.model_dump() | {"orders": len(mapped.order_ids)}
        audit.record(tx, caller, "item.map", item, now=now, after=after)
        return MappedOut(lines=mapped.lines, orders=len(mapped.order_ids))

    return await hub.database.write(work)


@router.delete("/{item}/aliases", status_code=204)
async def remove_alias(
    item: Id,
    hub: HubDep,
    caller: Operations,
    now: Now,
    sku: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")],
    connection_id: Text = "",
) -> None:
    """Unmap a SKU: later orders with it wait."""

    def work(tx: Connection) -> None:
        known = items.aliases(tx, [item])[item]
        if not any((alias.sku, alias.connection_id) == (sku, connection_id) for alias in known):
            raise DomainError("unknown_alias", f"{item} is not known as {sku!r} there; see its aliases")
        unmap_sku(tx, sku, connection_id)
        audit.record(tx, caller, "item.unmap", item, now=now, before={"sku": sku, "connection_id": connection_id})

    await hub.database.write(work)


def _with_aliases(tx: Connection, found: list[Item]) -> list[ItemOut]:
    aliases = items.aliases(tx, [item.id for item in found])
    return [ItemOut(**item.model_dump(), aliases=aliases[item.id]) for item in found]
