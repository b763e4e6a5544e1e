"""Shops of three simulated platforms on the stage that list the same items in one place, their connections on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from db import connections, flows, items, locations
from db.restock import receive
from db.sku_mapping import map_sku
from domain.item import Alias, Item

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from bench.stage import Scene

LOCATION = "ATL"
UNITS = 10
LATENCY_S = 0.05


@dataclass(frozen=True)
class Shop:
    """What it takes to reach one; `read` gives its own numbers by SKU out of what its staff see under `path`."""

    name: str
    platform: str
    place: str
    path: str
    read: Callable[[Any], Mapping[str, int]]

    async def shown(self, here: Scene) -> Mapping[str, int]:
        return self.read((await here.sandbox.get(f"/control/{self.path}")).raise_for_status().json())


async def open_shopify(here: Scene, name: str, skus: Sequence[str]) -> Shop:
    token, secret = secrets.token_hex(8), secrets.token_hex(8)
    shop = {
        "name": name, "token": token, "secret": secret, "locations": [{"id": 1, "name": "Atlanta"}],
        "products": [{"sku": sku, "stock": {"1": 0}} for sku in skus],
    }  # fmt: skip
    config = {"shop_domain": f"{name}.myshopify.com", "access_token": token, "client_secrets": [secret]}
    opened = Shop(
        name, "shopify", "1", f"shopify/shops/{name}/stock",
        lambda stock: {sku: places["1"]["available"] for sku, places in stock.items()},
    )  # fmt: skip
    return await _open(here, opened, "shopify/shops", shop, f"shopify/{name}", config)


async def open_woocommerce(here: Scene, name: str, skus: Sequence[str]) -> Shop:
    key = {"consumer_key": f"ck_{secrets.token_hex(8)}", "consumer_secret": f"cs_{secrets.token_hex(8)}"}
    shop = {"name": name, "products": [{"sku": sku, "stock": 0} for sku in skus], **key}
    opened = Shop(
        name, "woocommerce", "shop", f"woocommerce/shops/{name}/products",
        lambda products: {product["sku"]: product["stock_quantity"] for product in products},
    )  # fmt: skip
    return await _open(here, opened, "woocommerce/shops", shop, f"woocommerce/{name}", key | {"currency": "USD"})


async def open_square(here: Scene, name: str, skus: Sequence[str]) -> Shop:
    """The sandbox has one account: the stage's till is replaced."""
    account = {
        "token": secrets.token_hex(8), "locations": [{"id": "LATL", "name": "Atlanta"}],
        "stock": {sku: {"LATL": 0} for sku in skus},
    }  # fmt: skip
    opened = Shop(
        name, "square", "LATL", "square/stock",
        lambda stock: {sku: places["LATL"] for sku, places in stock.items()},
    )  # fmt: skip
    return await _open(here, opened, "square/account", account, "square", {"access_token": account["token"]})


async def stock(here: Scene, shops: Sequence[Shop], skus: Sequence[str]) -> None:
    """Some of each, and the flows on."""
    await here.hub.database.write(partial(_stock, shops=shops, skus=skus, now=datetime.now(UTC)))


async def slow_down(here: Scene, seed: int) -> None:
    """From now on every platform takes its time to answer."""
    slow = {"kind": "delay", "probability": 1, "seconds": LATENCY_S}
    (await here.sandbox.post("/control/faults", json={"seed": seed, "faults": [slow]})).raise_for_status()


async def _open(here: Scene, shop: Shop, path: str, body: Any, address: str, config: Mapping[str, Any]) -> Shop:
    (await here.sandbox.post(f"/control/{path}", json=body)).raise_for_status()
    reached = {**config, "base_url": f"{here.stack.settings.sandbox_url}/{address}"}

    def work(tx: Connection) -> None:
        now = datetime.now(UTC)
        connections.create(tx, here.hub.keys, shop.name, platform=shop.platform, config=reached, now=now)
        connections.change(tx, shop.name, mode="on", starts_at=now)
        locations.put_mapping(tx, shop.name, shop.place, LOCATION)

    await here.hub.database.write(work)
    return shop


def _stock(tx: Connection, shops: Sequence[Shop], skus: Sequence[str], now: datetime) -> None:
    for item in skus:
        items.put(tx, Item(id=item, title=item))
        map_sku(tx, item, Alias(sku=item), by="bench", now=now)
        receive(tx, f"bench:{item}", item, LOCATION, UNITS, at=now)
    for shop in shops:
        flows.put(tx, shop.name, flows.INVENTORY, "shadow", 100, by="bench", now=now)
        flows.put(tx, shop.name, flows.INVENTORY, "on", 100, by="bench", now=now)
