"""A simulated WooCommerce shop in the same process, and a connector that reaches it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.contract import ListingForm, ListingRef, Surroundings, VariantForm
from connectors.woocommerce.connector import WooConfig, WooConnector
from domain.money import Money
from sandbox.faults import Fault, FaultKind, FaultPlan, Faults
from sandbox.webhooks import Outbox
from sandbox.woocommerce.app import WooCommerce, platform
from sandbox.woocommerce.state import Shop
from tests.connectors.simulated import simulated
from tests.connectors.woocommerce.official import FOLDER, OfficialTransport

CURRENT, PREVIOUS, OTHER = "whs-current", "whs-previous", "whs-of-nobody"
CONFIG: dict[str, Any] = {
    "base_url": "https://sandbox/woocommerce/alpha",
    "consumer_key": "ck_alpha",
    "consumer_secret": "cs_alpha",
    "webhook_secrets": [CURRENT, PREVIOUS],
    "currency": "EUR",
}
SHOP: dict[str, Any] = {
    "name": "alpha",
    "consumer_key": "ck_alpha",
    "consumer_secret": "cs_alpha",
    "products": [
        {"sku": "TEA", "title": "Green tea", "price": "4.99", "stock": 10},
        {"sku": "TEE", "title": "T-shirt", "price": "19.90", "stock": 5, "sizes": ["S", "M"]},
    ],
}


def euro(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="EUR")


def simple_form(reference: str = "P1", sku: str = "MUG", **fields: Any) -> ListingForm:
    return ListingForm(
        ref=ListingRef(reference=reference, skus=(sku,)),
        fields={"name": "Red mug", "description": "<p>A mug.</p>", **fields},
        media=("https://cdn.example/mug-front.jpg", "https://cdn.example/mug-back.jpg"),
        variants=(VariantForm(sku=sku, price=euro(1290), compare_at=euro(1490), quantities={"shop": 7}),),
    )


def variable_form(reference: str = "P2", sizes: tuple[str, ...] = ("S", "M")) -> ListingForm:
    return ListingForm(
        ref=ListingRef(reference=reference, skus=tuple(f"CAP-{size}" for size in sizes)),
        fields={"name": "Cap"},
        variants=tuple(
            VariantForm(
                sku=f"CAP-{size}",
                fields={"attributes": [{"name": "Size", "option": size}]},
                price=euro(1500),
                quantities={"shop": 3},
            )
            for size in sizes
        ),
    )


class Recorded(httpx.AsyncBaseTransport):
    """Writes down which calls were made."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.calls: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        return await self._inner.handle_async_request(request)


@dataclass
class World:
    simulator: WooCommerce
    faults: Faults
    control: httpx.AsyncClient
    connector: WooConnector
    transport: Recorded
    official: OfficialTransport | None
    outbox: Outbox
    delivered: list[httpx.Request]
    answers: list[int]

    @property
    def shop(self) -> Shop:
        return self.simulator._shops["alpha"]

    def count(self, kind: str) -> int:
        return sum(self.shop.committed.get(kind, {}).values())

    def thing(self, sku: str) -> dict[str, Any]:
        found = self.shop.by_sku(sku)
        assert found is not None, f"no {sku} in the shop"
        return found

    def strike(self, kind: FaultKind, operation: str, nth: int = 1, **more: float) -> None:
        self.faults.apply(FaultPlan(faults=(Fault(kind=kind, operation=operation, nth=frozenset({nth}), **more),)))


@asynccontextmanager
async def opened(**shop: Any) -> AsyncIterator[World]:
    """`answers` is what the hub says to webhooks: the last status stays."""
    async with simulated(platform) as one:
        official = OfficialTransport(one.transport) if FOLDER.exists() else None
        transport = Recorded(official or one.transport)
        control = httpx.AsyncClient(transport=one.transport, base_url="http://sandbox")
        (await control.post("/shops", json={**SHOP, **shop})).raise_for_status()
        connector = WooConnector.open(
            WooConfig.model_validate(CONFIG), Surroundings(connection_id="c1", transport=transport)
        )
        yield World(
            one.simulator, one.faults, control, connector, transport, official, one.outbox, one.delivered, one.answers
        )
        await connector.close()
        await control.aclose()
