"""A simulated shop in this process, with the control calls that tests of the connector need."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.contract import Surroundings
from connectors.shopify.connector import ShopifyConnector
from sandbox.faults import Fault, FaultKind, FaultPlan, Faults
from sandbox.shopify.app import platform
from tests.connectors.shopify.contract_files import fixture
from tests.connectors.simulated import simulated

BERLIN, TORONTO, STORE = 71001, 71002, 71003
TEE, MUG = "55000001", "55000002"
CONFIG = {
    "shop_domain": "alpha.myshopify.com",
    "access_token": "shpat_simulated",
    "client_secrets": ["secret-current", "secret-previous"],
    "base_url": "http://sandbox/shopify/alpha",
    "points_per_second": 1000,
}
SHOP = {
    "name": "alpha",
    "token": "shpat_simulated",
    "secret": "secret-current",
    "job_seconds": 0,
    "locations": [
        {"id": BERLIN, "name": "Berlin", "country_code": "DE", "zip": "10435"},
        {"id": TORONTO, "name": "Toronto", "country_code": "CA", "zip": "M5V 2T6"},
        {"id": STORE, "name": "Downtown Store", "country_code": "US", "zip": "94110"},
    ],
    "products": [
        {"sku": "TEE-BLK-M", "stock": {BERLIN: 10, TORONTO: 10}},
        {"sku": "MUG-RED", "stock": {BERLIN: 10, TORONTO: 10}},
        {"sku": "NOTEBOOK-A5", "stock": {BERLIN: 10, TORONTO: 10}},
        {"sku": "POSTER-A2", "stock": {BERLIN: 10}},
    ],
}


@dataclass
class SimulatedShop:
    http: httpx.AsyncClient
    transport: httpx.ASGITransport
    connector: ShopifyConnector
    faults: Faults
    simulator: Any

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncIterator["SimulatedShop"]:
        async with simulated(platform, control="/control") as one:
            config = ShopifyConnector.Config.model_validate(CONFIG)
            connector = ShopifyConnector.open(config, Surroundings(connection_id="c1", transport=one.transport))  # type: ignore[arg-type]  # Config is declared by its base
            async with httpx.AsyncClient(transport=one.transport, base_url="http://sandbox/control") as http:
                shop = cls(http, one.transport, connector, one.faults, one.simulator)
                await shop.control("/shops", SHOP)
                yield shop
            await connector.close()

    async def control(self, path: str, body: Any = None) -> Any:
        answer = await self.http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def place(self, name: str, **options: Any) -> Any:
        return await self.control("/shops/alpha/orders", {"body": json.loads(fixture(name)), **options})

    async def shown(self, order_id: int) -> Any:
        return (await self.http.get(f"/shops/alpha/orders/{order_id}")).json()

    async def ask(self, document: str, **variables: Any) -> Any:
        """Use the shop's API as another app would."""
        path = "http://sandbox/shopify/alpha/admin/api/2026-10/graphql.json"
        headers = {"X-Shopify-Access-Token": str(SHOP["token"])}
        body = {"query": document, "variables": variables}
        return (await self.http.post(path, json=body, headers=headers)).json()

    def works(self, fulfillment_order: int) -> Any:
        """The lines of a fulfillment order, as the simulator keeps them."""
        return self.simulator._shops["alpha"].fulfillment_orders[fulfillment_order].lines

    def strike(self, kind: FaultKind, operation: str, *nth: int) -> None:
        rule = Fault(kind=kind, operation=operation, nth=frozenset(nth or (1,)), seconds=2)
        self.faults.apply(FaultPlan(faults=(rule,)))

    def count(self, kind: str) -> int:
        """Writes of a kind that the simulator has committed, by its own count."""
        return sum(self.simulator.counters().get(kind, {}).values())
