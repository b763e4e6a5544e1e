"""What tests, the demo and drills do as the shop's owner and its buyers."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.shopify import catalog
from sandbox.shopify.bucket import Bucket
from sandbox.shopify.catalog_control import catalog_control
from sandbox.shopify.news import News
from sandbox.shopify.order_control import Asked, known, order_control
from sandbox.shopify.return_control import return_control
from sandbox.shopify.shown import shown_stock
from sandbox.shopify.state import SCOPES, Body, Level, Location, Product, Publication, Shop, Subscription, Variant
from sandbox.webhooks import Outbox


class NewLocation(Asked):
    id: int
    name: str
    country_code: str = ""
    zip: str = ""
    city: str = ""
    address1: str = ""


class NewProduct(Asked):
    sku: str
    title: str = ""
    price: str = "0.00"
    grams: int = 0
    requires_shipping: bool = True
    published: bool = Field(default=True, description="whether buyers see it in the online store")
    variant_id: int | None = None
    inventory_item_id: int | None = None
    stock: dict[int, int] = Field(default={}, description="location id → available; only these places keep it")


class NewShop(Asked):
    """A merchant's shop with one installed app; creating the same name again starts it anew."""

    name: str
    token: str
    secret: str
    currency: str = "USD"
    scopes: tuple[str, ...] = SCOPES
    locations: tuple[NewLocation, ...] = ()
    products: tuple[NewProduct, ...] = ()
    subscriptions: dict[str, str] = Field(default={}, description="topic such as orders/create → address")
    bucket_size: float = 20_000
    restore_rate: float = 1_000
    job_seconds: float = 0.05
    media_seconds: float = Field(default=0.05, description="how long the platform takes to fetch a picture")
    publications: tuple[str, ...] = Field(
        default=("Online Store", "Point of Sale"),
        description="the first is the online store; it takes new products at once",
    )
    tells_sales: bool = Field(default=False, description="levels that orders move are told by webhook, as Shopify does")


class Changed(Asked):
    """A change of the shop itself; the token that is not given stays."""

    token: str | None = None
    secret: str | None = None
    scopes: tuple[str, ...] | None = None
    bucket_size: float | None = None
    restore_rate: float | None = None


class RawDelivery(Asked):
    """Bytes to be signed and delivered as they are: `raw` as text, or `raw_base64`."""

    topic: str
    raw: str | None = None
    raw_base64: str | None = None
    url: str | None = Field(default=None, description="only there, instead of to the topic's subscribers")
    event_id: str | None = None


def control(shops: dict[str, Shop], outbox: Outbox) -> APIRouter:
    router = APIRouter()
    router.include_router(_shops(shops, outbox))
    router.include_router(order_control(shops, outbox))
    router.include_router(catalog_control(shops, outbox))
    router.include_router(return_control(shops, outbox))
    return router


def _open(given: NewShop) -> Shop:
    shop = Shop(given.name, given.token, given.secret, given.currency, given.scopes, given.job_seconds)
    shop.bucket = Bucket(given.bucket_size, given.restore_rate)
    shop.media_seconds = given.media_seconds
    for serial, name in enumerate(given.publications, 7001):
        shop.publications[serial] = Publication(serial, name, auto=serial == 7001)
    shop.tells_sales = given.tells_sales
    for place in given.locations:
        shop.locations[place.id] = Location(**place.model_dump())
    for product in given.products:
        _add_product(shop, product)
    for topic, url in given.subscriptions.items():
        at = Subscription(shop.new_id(), topic.upper().replace("/", "_"), url)
        shop.subscriptions[at.id] = at
    return shop


def _add_product(shop: Shop, given: NewProduct) -> Variant:
    serial = len(shop.variants) + 1
    variant = Variant(
        given.variant_id or 44_000_000 + serial,
        given.inventory_item_id or 55_000_000 + serial,
        given.sku,
        given.title or given.sku,
        given.price,
        given.grams,
        given.requires_shipping,
    )
    shop.variants[variant.id] = variant
    product = Product(33_000_000 + serial, _body(shop, given), "ACTIVE", [variant.id])
    variant.product_id = product.id
    shop.products[product.id] = product
    if given.published and shop.publications:
        catalog.publish(shop, product, min(shop.publications), datetime.now(UTC))
        shop.committed.clear()
    for place, units in given.stock.items():
        shop.levels[variant.item_id, place] = Level(variant.item_id, place, units)
    return variant


def _body(shop: Shop, given: NewProduct) -> Body:
    body: Body = {"title": given.title or given.sku, "handle": given.sku.lower(), "vendor": shop.name, "tags": []}
    return body | {"descriptionHtml": "", "productType": "", "seo": {}, "category": None}


def _shops(shops: dict[str, Shop], outbox: Outbox) -> APIRouter:
    router = APIRouter(prefix="/shops")

    @router.post("")
    async def create_shop(given: NewShop) -> Mapping[str, Any]:
        shop = shops[given.name] = _open(given)
        items = {variant.sku: variant.item_id for variant in shop.variants.values()}
        return {"name": shop.name, "domain": shop.domain, "inventory_items": items}

    @router.patch("/{shop}")
    async def change_shop(shop: str, given: Changed) -> None:
        """Rotate the token or the secret, take scopes away, change the cost bucket."""
        at = known(shops, shop)
        at.token, at.secret = given.token or at.token, given.secret or at.secret
        at.scopes = at.scopes if given.scopes is None else given.scopes
        at.bucket = Bucket(given.bucket_size or at.bucket.maximum, given.restore_rate or at.bucket.restore_rate)

    @router.get("/{shop}/stock")
    async def read_stock(shop: str) -> Mapping[str, Any]:
        """Sku → location id → available, committed, on_hand."""
        return shown_stock(known(shops, shop))

    @router.post("/{shop}/stock")
    async def count_stock(shop: str, sku: str, location_id: int, available: int) -> None:
        """Somebody counts or sells elsewhere: the number changes without the hub."""
        at = known(shops, shop)
        variant = at.variant_of(sku)
        if variant is None or (variant.item_id, location_id) not in at.levels:
            raise HTTPException(404, f"{sku!r} is not kept at {location_id}")
        level = at.levels[variant.item_id, location_id]
        level.available = available
        News(at, outbox).level(level)

    @router.delete("/{shop}/subscriptions")
    async def lose_subscriptions(shop: str) -> None:
        """The platform switches the webhooks off."""
        known(shops, shop).subscriptions.clear()

    @router.post("/{shop}/deliveries")
    async def deliver(shop: str, given: RawDelivery) -> Mapping[str, int]:
        at = known(shops, shop)
        raw = base64.b64decode(given.raw_base64) if given.raw_base64 else (given.raw or "").encode()
        topic = given.topic.upper().replace("/", "_")
        urls = [given.url] if given.url else [kept.uri for kept in at.subscriptions.values() if kept.topic == topic]
        News(at, outbox).send(given.topic, raw, urls, given.event_id)
        return {"receivers": len(urls)}

    return router
