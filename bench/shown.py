"""What every channel of the stage shows, by the platforms' own word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.outlet import OUTLET, SHOP, TILL
from bench.stage import SHOPS

if TYPE_CHECKING:
    from bench.stage import Scene

MARKETPLACE = "amazon-us"
Number = tuple[str, str, str]
"""Connection, SKU and place."""


async def shown(here: Scene) -> dict[Number, int]:
    """As their own staff see it."""
    numbers: dict[Number, int] = {}
    for name, (shop, _) in SHOPS.items():
        stock = (await here.sandbox.get(f"/control/shopify/shops/{shop}/stock")).raise_for_status().json()
        numbers |= {
            (name, sku, place): at["available"] for sku, places in stock.items() for place, at in places.items()
        }
    listings = (await here.sandbox.get("/control/amazon/listings")).raise_for_status().json()
    numbers |= {(MARKETPLACE, sku, "DEFAULT"): one["quantity"] for sku, one in listings.items()}
    products = (await here.sandbox.get(f"{SHOP}/products")).raise_for_status().json()
    numbers |= {(OUTLET, one["sku"], "shop"): one["stock_quantity"] for one in products}
    counts = (await here.sandbox.get("/control/square/stock")).raise_for_status().json()
    return numbers | {(TILL, sku, place): units for sku, places in counts.items() for place, units in places.items()}
