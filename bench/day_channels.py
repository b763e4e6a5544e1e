"""Shops of three simulated platforms in this process, which list the same items; what is sent to them is counted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx
from fastapi import FastAPI

from connectors.contract import Surroundings, TakesStockLevels
from connectors.shopify.connector import ShopifyConfig, ShopifyConnector
from connectors.square.connector import SquareConfig, SquareConnector
from connectors.woocommerce.connector import WooConfig, WooConnector
from sandbox.faults import Faults
from sandbox.shopify import app as shopify
from sandbox.square import app as square
from sandbox.webhooks import Outbox
from sandbox.woocommerce import app as woocommerce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SANDBOX = "https://sandbox"
PLENTY = 1_000_000
"""Calls a minute, or points and points a second: no limit at all."""


class Counted(httpx.AsyncBaseTransport):
    """Passes calls on, as late as it is told to, and counts them and those that were throttled."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.latency_s = self.points = self.last_at = 0.0
        self.calls = self.throttled = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self.latency_s)
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        self.calls += 1
        self.throttled += answer.status_code == httpx.codes.TOO_MANY_REQUESTS or b"THROTTLED" in body
        self.last_at = monotonic()
        shown = httpx.Response(answer.status_code, headers=answer.headers, content=body)
        if b"actualQueryCost" in body:
            self.points += shown.json()["extensions"]["cost"]["actualQueryCost"] or 0
        return shown


@dataclass
class Channel:
    """One connection; `items` are the platform's own ids by SKU, `open` makes a connector with so many calls a minute.

    `calls` are the fewest that a batch takes: Square's number is read before it is moved.
    """

    name: str
    place: str
    items: Mapping[str, str]
    transport: Counted
    open: Callable[[int], TakesStockLevels]
    calls: int = 1


class Platforms:
    """The simulators, and the people who work in their shops."""

    def __init__(self) -> None:
        faults = Faults()
        app = FastAPI()
        for module in (shopify, woocommerce, square):
            simulator = module.platform(faults, Outbox(faults))
            app.router.routes += simulator.routes
            app.include_router(simulator.control, prefix=f"/control/{simulator.name}")
        self._app = httpx.ASGITransport(app)
        self._staff = httpx.AsyncClient(transport=self._app, base_url=f"{SANDBOX}/control", timeout=60)

    async def open(self, skus: Sequence[str], units: int) -> tuple[Channel, ...]:
        """Every shop lists these, and shows so many of each."""
        return await self._shopify(skus, units), await self._woocommerce(skus, units), await self._square(skus, units)

    async def shown(self) -> dict[str, Mapping[str, int]]:
        """By connection and SKU, as the shops' own staff see it."""
        levels = await self._ask("GET", "/shopify/shops/day/stock")
        products = await self._ask("GET", "/woocommerce/shops/day/products")
        counts = await self._ask("GET", "/square/stock")
        return {
            "day-shopify": {sku: places["1"]["available"] for sku, places in levels.items()},
            "day-woocommerce": {product["sku"]: product["stock_quantity"] for product in products},
            "day-square": {sku: places["L1"] for sku, places in counts.items()},
        }

    async def limit_shopify(self, points: float, per_second: float) -> None:
        """Another plan."""
        await self._ask("PATCH", "/shopify/shops/day", {"bucket_size": points, "restore_rate": per_second})

    async def _shopify(self, skus: Sequence[str], units: int) -> Channel:
        items = {sku: str(number) for number, sku in enumerate(skus, 1)}
        products = [{"sku": sku, "inventory_item_id": int(item), "stock": {"1": units}} for sku, item in items.items()]
        shop = {
            "name": "day", "token": "token", "secret": "secret", "locations": [{"id": 1, "name": "Depot"}],
            "products": products, "bucket_size": PLENTY, "restore_rate": PLENTY,
        }  # fmt: skip
        await self._ask("POST", "/shopify/shops", shop)
        config = {
            "shop_domain": "day.myshopify.com", "access_token": "token", "client_secrets": ["secret"],
            "base_url": f"{SANDBOX}/shopify/day",
        }  # fmt: skip
        around = self._around("day-shopify")
        return Channel(
            around.connection_id, "1", items, around.transport,
            lambda _calls: ShopifyConnector.open(ShopifyConfig.model_validate(config), around),
        )  # fmt: skip

    async def _woocommerce(self, skus: Sequence[str], units: int) -> Channel:
        key = {"consumer_key": "ck_day", "consumer_secret": "cs_day"}
        products = [{"sku": sku, "stock": units} for sku in skus]
        opened = await self._ask("POST", "/woocommerce/shops", {"name": "day", "products": products, **key})
        config = {"base_url": f"{SANDBOX}/woocommerce/day", "currency": "EUR", **key}
        around = self._around("day-woocommerce")
        return Channel(
            around.connection_id, "shop", {sku: str(item) for sku, item in opened["products"].items()}, around.transport,
            lambda calls: WooConnector.open(WooConfig.model_validate({"calls_per_minute": calls, **config}), around),
        )  # fmt: skip

    async def _square(self, skus: Sequence[str], units: int) -> Channel:
        account = {"locations": [{"id": "L1", "name": "Depot"}], "stock": {sku: {"L1": units} for sku in skus}}
        opened = await self._ask("POST", "/square/account", account)
        config = {"base_url": f"{SANDBOX}/square", "access_token": "square-sandbox-token"}
        around = self._around("day-square")
        return Channel(
            around.connection_id, "L1", opened["items"], around.transport,
            lambda calls: SquareConnector.open(SquareConfig.model_validate({"calls_per_minute": calls, **config}), around),
            calls=2,
        )  # fmt: skip

    def _around(self, name: str) -> Surroundings:
        return Surroundings(connection_id=name, transport=Counted(self._app))

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return (await self._staff.request(method, path, json=body)).raise_for_status().json()
