"""A simulated Stripe account in this process, and a connector that reaches it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.contract import PaymentRequest, Surroundings
from connectors.stripe.connector import StripeConfig, StripeConnector
from domain.money import Money
from sandbox.faults import Fault, FaultKind, FaultPlan, Faults
from sandbox.stripe.app import Stripe, platform
from sandbox.webhooks import Outbox
from tests.connectors.official import CONTRACTS, OfficialTransport
from tests.connectors.simulated import simulated

CONTRACT = "stripe/stripe.openapi.apis-guru.json.gz"
CURRENT, PREVIOUS, OTHER = "whsec_current", "whsec_previous", "whsec_other"
CONFIG = {
    "base_url": "http://sandbox/stripe",
    "secret_key": "sk_test_sandbox",
    "webhook_secrets": [CURRENT, PREVIOUS],
    "calls_per_second": 10_000,
}


@dataclass
class World:
    simulator: Stripe
    transport: httpx.AsyncBaseTransport
    connector: StripeConnector
    control: httpx.AsyncClient
    faults: Faults
    outbox: Outbox
    delivered: list[httpx.Request]

    async def do(self, path: str, **body: Any) -> Any:
        answer = await self.control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pay(self, amount: int = 2000, currency: str = "usd", *, capture: bool = False) -> str:
        payment: str = (await self.do("/payments", amount=amount, currency=currency, capture=capture))["id"]
        return payment

    async def shown(self, payment: str) -> Any:
        return (await self.control.get(f"/payments/{payment}")).json()

    def count(self, kind: str) -> int:
        return sum(self.simulator.counters().get(kind, {}).values())

    def strike(self, *faults: Fault, seed: int = 0) -> None:
        self.faults.apply(FaultPlan(seed=seed, faults=faults))

    def strike_once(self, kind: FaultKind, operation: str) -> None:
        self.strike(Fault(kind=kind, operation=operation, nth=frozenset({1}), seconds=2))


@asynccontextmanager
async def opened(*, official: bool = True) -> AsyncIterator[World]:
    """Where the official contract is at hand every exchange is held to it."""
    async with simulated(platform, control="/control") as one:
        transport: httpx.AsyncBaseTransport = one.transport
        control = httpx.AsyncClient(transport=transport, base_url="http://sandbox/control")
        if official and (CONTRACTS / CONTRACT).exists():
            transport = OfficialTransport(transport, CONTRACT, "/stripe")
        connector = StripeConnector.open(
            StripeConfig.model_validate(CONFIG), Surroundings(connection_id="c1", transport=transport)
        )
        yield World(one.simulator, transport, connector, control, one.faults, one.outbox, one.delivered)
        await connector.close()
        await control.aclose()


def request(payment: str, minor: int = 2000, currency: str = "USD", reference: str = "R1") -> PaymentRequest:
    return PaymentRequest(
        reference=reference,
        order_external_id="5001",
        amount=Money(amount_minor=minor, currency=currency),
        parent_external_id=payment,
    )
