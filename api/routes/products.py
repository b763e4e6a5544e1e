"""Products: found, made, changed, their history, and how each channel would show them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.expected import Unchanged
from api.schemas.products import (
    CheckOut,
    FieldChangeOut,
    MediaOut,
    ProductIn,
    ProductList,
    ProductOut,
    ProductSummary,
    SavedOut,
)
from db import audit, catalog, versions
from db.actors import Actor
from db.catalog import Author, Saved
from db.words import dictionary
from domain.catalog.document import product as product_of
from domain.catalog.product import ProductId, State
from runtime.media import read_media
from runtime.product_check import checked

router = APIRouter(prefix="/products", tags=["products"])

Id = Annotated[ProductId, Path()]
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("")
async def list_products(
    hub: HubDep,
    _caller: Viewer,
    search: Text = "",
    category: Text = "",
    state: State | None = None,
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ProductList:
    """By id; `search` finds a part of an id, a title, a SKU or a GTIN."""
    found = await hub.database.read(
        lambda tx: catalog.page(tx, search=search, category=category, state=state or "", after=after, limit=limit + 1)
    )
    shown = [
        ProductSummary(
            id=one.id, title=one.title, state=one.state, category=one.category, skus=[v.sku for v in one.variants]
        )
        for one in found[:limit]
    ]
    return ProductList(products=shown, next=found[limit - 1].id if len(found) > limit else None)


@router.get("/{product}")
async def show_product(product: Id, hub: HubDep, _caller: Viewer) -> ProductOut:
    """One product with all its variants."""
    return await hub.database.read(lambda tx: ProductOut.of(catalog.load(tx, product), catalog.version_of(tx, product)))


@router.put("/{product}")
async def put_product(
    product: Id, wish: ProductIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> SavedOut:
    """Make it or replace it whole; each field that changes is on its history."""

    def work(tx: Connection) -> Saved:
        unchanged.check(tx, versions.product(product))
        wanted = product_of({**wish, "id": product}, dictionary(tx))
        saved = catalog.put(tx, wanted, by=Author(caller.name, "api"), now=now)
        return _audited(tx, caller, "product.put", saved, now)

    return _saved(await hub.database.write(work))


@router.patch("/{product}")
async def change_product(
    product: Id, wish: ProductIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> SavedOut:
    """Change what is named and leave the rest (RFC 7386): null removes, variants are by SKU. Makes a new one."""

    def work(tx: Connection) -> Saved:
        unchanged.check(tx, versions.product(product))
        saved = catalog.merge(tx, product, wish, by=Author(caller.name, "api"), now=now)
        return _audited(tx, caller, "product.change", saved, now)

    return _saved(await hub.database.write(work))


@router.get("/{product}/history")
async def product_history(
    product: Id,
    hub: HubDep,
    _caller: Viewer,
    field: Text = "",
    before: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[FieldChangeOut]:
    """Who changed what, when, from which side: newest first; `field` with all that lie within it."""

    def work(tx: Connection) -> list[FieldChangeOut]:
        catalog.load(tx, product)
        rows = catalog.history(tx, product, field=field, before=before, limit=limit)
        return [FieldChangeOut.model_validate(row) for row in rows]

    return await hub.database.read(work)


@router.get("/{product}/check")
async def check_product(
    product: Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="its id, or the SKU of a variant")],
    hub: HubDep,
    _caller: Viewer,
    channel: Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[^\x00]+$")],
) -> CheckOut:
    """Each field as the channel would get it: value, where it came from, what is missing, what would be cut."""
    product_id = await hub.database.read(lambda tx: catalog.id_of(tx, product))
    return CheckOut.of(await checked(hub, product_id, channel))


@router.post("/{product}/media/read")
async def read_product_media(
    product: Id,
    hub: HubDep,
    _caller: Operations,
    anew: Annotated[bool, Query(description="those that were read too")] = False,
) -> list[MediaOut]:
    """Read the pictures that nobody has read yet, so that the gates know what they are."""
    await hub.database.read(lambda tx: catalog.load(tx, product))
    return [MediaOut.model_validate(file.model_dump()) for file in await read_media(hub, [product], anew=anew)]


def _audited(tx: Connection, caller: Actor, action: str, saved: Saved, now: datetime) -> Saved:
    """The fields that changed; their values are on the product's history."""
    if saved.outcome != "same":
        fields = [change.field for change in saved.changes]
        audit.record(tx, caller, action, saved.product.id, now=now, after={"outcome": saved.outcome, "fields": fields})
    return saved


def _saved(saved: Saved) -> SavedOut:
    out = ProductOut.of(saved.product, saved.version)
    return SavedOut(**out.model_dump(), outcome=saved.outcome, changed=[change.field for change in saved.changes])
