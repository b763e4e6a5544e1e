"""A simulated ShipEngine account in this process, and a connector that reaches it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.contract import LabelRequest, Surroundings
from connectors.shipengine.connector import ShipEngineConfig, ShipEngineConnector
from domain.channel_order import Address
from sandbox.faults import Fault, FaultKind, FaultPlan, Faults
from sandbox.shipengine import signing
from sandbox.shipengine.app import ShipEngine, platform
from sandbox.shipengine.post import KEY
from sandbox.webhooks import Outbox
from tests.connectors.official import CONTRACTS, OfficialTransport
from tests.connectors.simulated import simulated

CONTRACT = "shipengine/shipengine.openapi.1.4.0.yaml"
PREVIOUS = "sandbox-key-0"
SHOWN_ONLY = {
    "shipment_id", "ship_date", "created_at", "modified_at", "shipment_status", "warehouse_id", "return_to",
    "confirmation", "customs", "advanced_options", "insurance_provider", "tags", "total_weight",
}  # fmt: skip
"""Required of a shipment that is shown, and left out of every example of buying a label."""
ADDED_LATER = {"status_detail_code", "status_code", "carrier_code"}
NULL_IN_EXAMPLES = {"estimated_delivery_date"}
EXCUSED = frozenset(SHOWN_ONLY | ADDED_LATER | NULL_IN_EXAMPLES)
SENDER = Address(
    name="Ada Example", line1="1 Test St", city="Springfield", province="IL", postal_code="62701", country="US"
)
RECEIVER = Address(
    company="Nordlicht Goods", line1="Lagerweg 2", city="Berlin", postal_code="12529", country="DE", phone="+1 555 0101"
)


def config(*kids: str) -> dict[str, Any]:
    return {
        "base_url": "http://sandbox/shipengine",
        "api_key": "TEST_sandbox",
        "carrier_id": "se-100001",
        "service_code": "sandbox_ground",
        "phone": "+1 555 0100",
        "signing_keys": json.dumps(signing.published(*kids)),
        "calls_per_minute": 100_000,
    }


def request(reference: str = "RMA-1", **changes: Any) -> LabelRequest:
    whole = {"reference": reference, "sender": SENDER, "receiver": RECEIVER, "weight_g": 480}
    return LabelRequest(**(whole | changes))


@dataclass
class World:
    simulator: ShipEngine
    transport: httpx.AsyncBaseTransport
    connector: ShipEngineConnector
    control: httpx.AsyncClient
    faults: Faults
    outbox: Outbox
    delivered: list[httpx.Request]

    async def do(self, path: str, **body: Any) -> Any:
        answer = await self.control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def count(self, kind: str) -> int:
        return sum(self.simulator.counters().get(kind, {}).values())

    def strike(self, kind: FaultKind, operation: str) -> None:
        rule = Fault(kind=kind, operation=operation, nth=frozenset({1}), seconds=0.01)
        self.faults.apply(FaultPlan(faults=(rule,)))


@asynccontextmanager
async def opened(*, official: bool = True) -> AsyncIterator[World]:
    """Where the official contract is at hand every exchange is held to it."""
    async with simulated(platform, control="/control") as one:
        transport: httpx.AsyncBaseTransport = one.transport
        control = httpx.AsyncClient(transport=transport, base_url="http://sandbox/control")
        if official and (CONTRACTS / CONTRACT).exists():
            transport = OfficialTransport(
                transport, CONTRACT, "/shipengine", excused=EXCUSED, beside=frozenset({"/jwks"})
            )
        around = Surroundings(connection_id="c1", transport=transport)
        connector = ShipEngineConnector.open(ShipEngineConfig.model_validate(config(KEY, PREVIOUS)), around)
        yield World(one.simulator, transport, connector, control, one.faults, one.outbox, one.delivered)
        await connector.close()
        await control.aclose()
