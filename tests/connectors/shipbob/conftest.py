"""A simulated ShipBob in the same process, and a connector that reaches it."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest_asyncio
from fastapi import FastAPI

from connectors.contract import Surroundings
from connectors.shipbob.connector import ShipBobConfig, ShipBobConnector
from domain.channel_order import Address, Buyer
from domain.fulfillment import FulfillmentRequest, RequestedLine
from sandbox.faults import Fault, FaultKind, FaultPlan, Faults
from sandbox.shipbob.app import ShipBob, platform
from sandbox.webhooks import Outbox
from tests.connectors.shipbob.openapi import FILE, OfficialTransport

SECRET = "whsec_" + base64.b64encode(b"n" * 24).decode()


def fulfillment_request(reference: str = "F1", **changes) -> FulfillmentRequest:
    whole = {
        "reference": reference,
        "order_number": "1001",
        "placed_at": datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        "location_external_id": "1",
        "currency": "EUR",
        "ship_to": Address(
            name="Ada Example", line1="1 Test St", city="Chicago", province="IL", postal_code="60601", country="US"
        ),
        "buyer": Buyer(name="Ada Example", email="ada@example.com", phone="+1 555 0100"),
        "lines": (
            RequestedLine(line_id="L1", sku="TEA", title="Green tea", quantity=2, unit_value_minor=499),
            RequestedLine(line_id="L2", sku="CUP", quantity=1),
        ),
    }
    return FulfillmentRequest(**(whole | changes))


@dataclass
class World:
    simulator: ShipBob
    faults: Faults
    control: httpx.AsyncClient
    connector: ShipBobConnector
    official: OfficialTransport | None
    outbox: Outbox
    delivered: list[httpx.Request]

    async def behave(self, **behavior: object) -> None:
        (await self.control.post("settings", json={"otherwise": behavior})).raise_for_status()

    async def settled(self) -> None:
        await self.control.post("settle")
        await self.outbox.drain()

    def strike(self, kind: FaultKind, operation: str, nth: int = 1, **more: float) -> None:
        self.faults.apply(FaultPlan(faults=(Fault(kind=kind, operation=operation, nth=frozenset({nth}), **more),)))


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    faults = Faults()
    delivered: list[httpx.Request] = []

    def hub(request: httpx.Request) -> httpx.Response:
        delivered.append(request)
        return httpx.Response(200)

    outbox = Outbox(faults, httpx.AsyncClient(transport=httpx.MockTransport(hub)))
    simulator = platform(faults, outbox)
    app = FastAPI(routes=simulator.routes)
    app.include_router(simulator.control)
    inner = httpx.ASGITransport(app)
    official = OfficialTransport(inner, "/shipbob") if FILE.exists() else None
    config = ShipBobConfig(
        base_url="http://sandbox/shipbob",
        token="shipbob-sandbox-token",
        channel_id=100001,
        webhook_secrets=(SECRET,),
    )
    connector = ShipBobConnector.open(config, Surroundings(connection_id="c1", transport=official or inner))
    control = httpx.AsyncClient(transport=inner, base_url="http://sandbox")
    yield World(simulator, faults, control, connector, official, outbox, delivered)
    await connector.close()
    await control.aclose()
    await outbox.close()
