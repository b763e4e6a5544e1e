"""Products as the shop's staff change them behind the hub's back, and when buyers could see what."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.shopify import catalog
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.news import News
from sandbox.shopify.order_control import Asked, known
from sandbox.shopify.state import Body, Product, Shop, gid
from sandbox.webhooks import Outbox


class Edited(Asked):
    """What somebody changes by hand: top-level fields, prices by SKU, whether it is in the online store."""

    fields: dict[str, Any] = Field(default={}, description="in the words of ProductUpdateInput")
    prices: dict[str, str] = Field(default={}, description="SKU → price")
    published: bool | None = None


def catalog_control(shops: dict[str, Shop], outbox: Outbox) -> APIRouter:
    router = APIRouter(prefix="/shops/{shop}/products")

    @router.get("")
    async def read_products(shop: str) -> list[Mapping[str, Any]]:
        at = known(shops, shop)
        return [shown(at, product) for product in at.products.values()]

    @router.patch("/{reference}")
    async def edit_product(shop: str, reference: str, given: Edited) -> Mapping[str, Any]:
        """`reference` is an id, a handle or a SKU."""
        at = known(shops, shop)
        product = _product(at, reference)
        try:
            catalog.update(at, {"id": gid("Product", product.id), **given.fields})
        except RefusedError as no:
            raise HTTPException(422, str(no)) from no
        for one in product.variants:
            variant = at.variants[one]
            if variant.sku in given.prices:
                catalog.change_variant(at, variant, {"price": given.prices[variant.sku]})
        catalog.touched(at, product)
        store = min(at.publications)
        if given.published is True:
            catalog.publish(at, product, store, datetime.now(UTC))
        if given.published is False:
            catalog.unpublish(at, product, store)
        News(at, outbox).moved()
        return shown(at, product)

    return router


def shown(shop: Shop, at: Product) -> Body:
    """`public` is the log of appearing (true) and disappearing (false), by this process's clock."""
    return {
        "id": at.id,
        "status": at.status,
        "is_public": catalog.is_public(shop, at),
        "public": [{"at": datetime.fromtimestamp(when, UTC).isoformat(), "visible": seen} for when, seen in at.public],
        "publications": [shop.publications[one].name for one in at.publications],
        "reference": next((kept["value"] for (_, key), kept in at.metafields.items() if key == "product_id"), None),
        "media": [one.source for one in at.media],
        "variants": {
            variant.sku: {
                "price": variant.price,
                "compare_at": variant.compare_at,
                "stock": {
                    place: level.available for (item, place), level in shop.levels.items() if item == variant.item_id
                },
            }
            for variant in (shop.variants[one] for one in at.variants)
        },
        **{name: at.body[name] for name in ("title", "descriptionHtml", "handle", "vendor", "tags", "productType")},
    }


def _product(shop: Shop, reference: str) -> Product:
    for at in shop.products.values():
        skus = {shop.variants[one].sku for one in at.variants}
        if reference in {str(at.id), at.body["handle"], *skus}:
            return at
    raise HTTPException(404, f"there is no product {reference!r}")
