"""A simulated Square account in the same process, and a connector that reaches it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.contract import Surroundings
from connectors.square.connector import SquareConfig, SquareConnector
from sandbox.faults import Fault, FaultKind, FaultPlan, Faults
from sandbox.square.app import Square, platform
from sandbox.webhooks import Outbox
from tests.connectors.simulated import simulated
from tests.connectors.square.official import FILE, OfficialTransport

ADDRESS = "https://hub.example/webhooks/till"
CURRENT, PREVIOUS, OTHER = "key-current", "key-previous", "key-of-nobody"
CONFIG: dict[str, Any] = {
    "base_url": "https://sandbox/square",
    "access_token": "square-sandbox-token",
    "signature_keys": [CURRENT, PREVIOUS],
    "notification_url": ADDRESS,
}
ACCOUNT: dict[str, Any] = {
    "locations": [
        {"id": "LBER", "name": "Berlin Mitte", "postal_code": "10119"},
        {"id": "LHAM", "name": "Hamburg", "postal_code": "20095"},
    ],
    "stock": {"TEA": {"LBER": 10, "LHAM": 4}, "CUP": {"LBER": 5}, "NEW": {}},
}


@dataclass
class World:
    simulator: Square
    faults: Faults
    control: httpx.AsyncClient
    connector: SquareConnector
    transport: httpx.AsyncBaseTransport
    official: OfficialTransport | None
    outbox: Outbox
    delivered: list[httpx.Request]

    def count(self, kind: str) -> int:
        return sum(self.simulator.account.committed.get(kind, {}).values())

    def units(self, sku: str, location: str = "LBER") -> int | None:
        return self.simulator.account.units(f"VAR-{sku}", location)

    async def sell(self, lines: dict[str, int], **more: Any) -> dict[str, Any]:
        answer = await self.control.post("/sales", json={"location": "LBER", "lines": lines, **more})
        sold: dict[str, Any] = answer.json()
        return sold

    def strike(self, kind: FaultKind, operation: str, nth: int = 1, **more: float) -> None:
        self.faults.apply(FaultPlan(faults=(Fault(kind=kind, operation=operation, nth=frozenset({nth}), **more),)))


@asynccontextmanager
async def opened(**account: Any) -> AsyncIterator[World]:
    async with simulated(platform) as one:
        official = OfficialTransport(one.transport, "/square") if FILE.exists() else None
        transport = official or one.transport
        control = httpx.AsyncClient(transport=one.transport, base_url="http://sandbox")
        (await control.post("/account", json={**ACCOUNT, **account})).raise_for_status()
        around = Surroundings(connection_id="till", transport=transport)
        connector = SquareConnector.open(SquareConfig.model_validate(CONFIG), around)
        yield World(one.simulator, one.faults, control, connector, transport, official, one.outbox, one.delivered)
        await connector.close()
        await control.aclose()
