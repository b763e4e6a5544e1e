"""The shop windows of the simulated channels: what anybody sees there who is not signed in."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

PAGE = 100


class Window(NamedTuple):
    """Where to look: a platform and, where it has many, the shop."""

    platform: str
    shop: str = ""


class Offered(NamedTuple):
    """What stands there of one SKU; the price as the platform writes it."""

    title: str
    price: str


async def look(sandbox: httpx.AsyncClient, window: Window) -> dict[str, Offered]:
    """Everything that is offered there now, by SKU."""
    return dict([pair async for pair in _LOOKS[window.platform](sandbox, window.shop)])


async def _shopify(sandbox: httpx.AsyncClient, shop: str) -> Any:
    for product in await _json(sandbox, f"/control/shopify/shops/{shop}/products"):
        for sku, variant in product["variants"].items() if product["is_public"] else ():
            yield sku, Offered(product["title"], variant["price"])


async def _woocommerce(sandbox: httpx.AsyncClient, shop: str) -> Any:
    """By its Store API, which needs no key."""
    address = f"/woocommerce/{shop}/wp-json/wc/store/v1/products"
    for kind in ({}, {"type": "variation"}):
        for number in count(1):
            found = await _json(sandbox, address, per_page=PAGE, page=number, **kind)
            for one in found:
                whole, cents = divmod(int(one["prices"]["price"]), 100)
                yield one["sku"], Offered(one["name"], f"{whole}.{cents:02}")
            if len(found) < PAGE:
                break


async def _amazon(sandbox: httpx.AsyncClient, _shop: str) -> Any:
    for sku, listing in (await _json(sandbox, "/control/amazon/listings")).items():
        if listing["status"]:
            attributes = listing["attributes"]
            yield sku, Offered(attributes["item_name"][0]["value"], next(_prices(attributes), ""))


def _prices(attributes: dict[str, Any]) -> Iterator[str]:
    for offer in attributes.get("purchasable_offer", ()):
        yield f"{offer['our_price'][0]['schedule'][0]['value_with_tax']:.2f}"


_LOOKS = {"shopify": _shopify, "woocommerce": _woocommerce, "amazon": _amazon}


async def _json(sandbox: httpx.AsyncClient, address: str, **query: Any) -> Any:
    return (await sandbox.get(address, params=query)).raise_for_status().json()
