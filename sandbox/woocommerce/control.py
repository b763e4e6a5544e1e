"""What tests, the demo and drills do as the shop's owner and its staff."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from sandbox.woocommerce import catalog
from sandbox.woocommerce.news import News
from sandbox.woocommerce.state import Body, Shop


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewProduct(Asked):
    sku: str
    title: str = ""
    price: str = "10.00"
    stock: int | None = None
    status: str = "publish"
    sizes: tuple[str, ...] = Field(default=(), description="a variable product, one variation a size: SKU-SIZE")


class NewShop(Asked):
    """A merchant's shop with one API key; creating the same name again starts it anew."""

    name: str
    consumer_key: str
    consumer_secret: str
    currency: str = "EUR"
    permissions: str = "read_write"
    manages_stock: bool = True
    most_shown: int | None = None
    refundable: tuple[str, ...] = ("stripe",)
    place: dict[str, str] = {"city": "Berlin", "country": "DE", "postcode": "10119"}
    products: tuple[NewProduct, ...] = ()


class Changed(Asked):
    """A change of the shop itself: a key rotated or taken down to read, stock management switched off."""

    consumer_secret: str | None = None
    permissions: str | None = None
    manages_stock: bool | None = None
    most_shown: int | None = None
    refundable: tuple[str, ...] | None = None


def control(shops: dict[str, Shop], news: News) -> APIRouter:
    router = APIRouter(prefix="/shops")

    @router.post("")
    async def create_shop(given: NewShop) -> Mapping[str, Any]:
        shop = shops[given.name] = Shop(**given.model_dump(exclude={"products"}))
        for product in given.products:
            add_product(shop, product)
        shop.committed.clear()
        return {"name": shop.name, "products": {body["sku"]: body["id"] for body in shop.products.values()}}

    @router.patch("/{shop}")
    async def change_shop(shop: str, given: Changed) -> None:
        at = known(shops, shop)
        for key, value in given.model_dump(exclude_none=True).items():
            setattr(at, key, value)

    @router.get("/{shop}/webhooks")
    async def webhooks(shop: str) -> list[Body]:
        return [{key: one[key] for key in one if key != "secret"} for one in known(shops, shop).webhooks.values()]

    @router.delete("/{shop}/webhooks")
    async def disable_webhooks(shop: str) -> None:
        """As after five failures in a row."""
        for webhook in known(shops, shop).webhooks.values():
            webhook["status"] = "disabled"

    _products(router, shops, news)
    return router


def _products(router: APIRouter, shops: Mapping[str, Shop], news: News) -> None:
    @router.get("/{shop}/products")
    async def products(shop: str) -> list[Body]:
        """As the staff see them, variations after their product."""
        at = known(shops, shop)
        return [
            body
            for product in at.products.values()
            for body in (catalog.shown(at, product), *at.of_parent(product["id"]))
        ]

    @router.patch("/{shop}/products/{thing}")
    async def staff_edit(shop: str, thing: int, fields: dict[str, Any]) -> Body:
        """Somebody types into a field of a product or variation: not the hub."""
        at = known(shops, shop)
        body = at.products.get(thing) or at.variations.get(thing)
        if body is None:
            raise HTTPException(404, "no such product")
        catalog.apply(at, body, fields)
        product = at.products[body.get("parent_id") or thing]
        news.product(at, "updated", catalog.shown(at, product))
        if body is not product:
            news.thing(at, body)
        return body


def add_product(shop: Shop, given: NewProduct) -> None:
    stock = {} if given.stock is None else {"manage_stock": True, "stock_quantity": given.stock}
    name = given.title or given.sku
    if not given.sizes:
        catalog.make_product(
            shop, {"name": name, "sku": given.sku, "regular_price": given.price, "status": given.status, **stock}
        )
        return
    sizes = {"name": "Size", "options": list(given.sizes), "variation": True, "visible": True}
    made = catalog.make_product(
        shop, {"name": name, "sku": given.sku, "type": "variable", "status": given.status, "attributes": [sizes]}
    )
    for size in given.sizes:
        body = {"sku": f"{given.sku}-{size}", "regular_price": given.price, **stock}
        body["attributes"] = [{"name": "Size", "option": size}]
        catalog.make_variation(shop, shop.products[made["id"]], body)


def known(shops: Mapping[str, Shop], name: str) -> Shop:
    shop = shops.get(name)
    if shop is None:
        raise HTTPException(404, "no such shop")
    return shop
