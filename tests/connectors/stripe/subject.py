"""Stripe on the stage of the certification suite."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from connectors.contract import PaymentRequest
from connectors.stripe.connector import StripeConnector
from connectors.testing import Call, SignedWebhook, Stage
from sandbox.stripe.events import signature
from tests.connectors.stripe.world import CONFIG, CURRENT, OTHER, PREVIOUS, World, opened, request

EVENT = {
    "id": "evt_1",
    "object": "event",
    "created": 1_790_000_000,
    "type": "refund.updated",
    "data": {
        "object": {
            "id": "re_1",
            "object": "refund",
            "amount": 500,
            "currency": "usd",
            "charge": "ch_1",
            "payment_intent": "pi_1",
            "status": "succeeded",
            "metadata": {"tutti_reference": "R1"},
        }
    },
}


def sign(secret: str, body: bytes) -> Mapping[str, str]:
    return {"stripe-signature": signature(body, [secret], int(time.time()))}


class Buyer:
    """Pays on the stage, and remembers what for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.request: PaymentRequest = request("pi_none")

    async def authorizes(self, _connector: Any) -> None:
        self.request = request(await self._world.pay())

    async def pays(self, _connector: Any) -> None:
        self.request = request(await self._world.pay(capture=True), minor=500)


class StripeSubject:
    connector = StripeConnector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        async with opened(official=False) as world:
            buyer = Buyer(world)
            yield Stage(
                config=CONFIG,
                transport=world.transport,
                without_exchange=("locations", "opening_stock"),
                calls=(*self._writes(world, buyer), *self._reads(buyer)),
                webhook=SignedWebhook(
                    topic="refund.updated",
                    body=json.dumps(EVENT).encode(),
                    sign=sign,
                    current_secret=CURRENT,
                    previous_secret=PREVIOUS,
                    other_secret=OTHER,
                ),
            )

    @staticmethod
    def _writes(world: World, buyer: Buyer) -> tuple[Call, ...]:
        return (
            Call(
                "capture",
                lambda one: one.capture(buyer.request, "C1"),
                buyer.authorizes,
                lambda one: one.find_capture(buyer.request),
                lambda: world.count("captures"),
            ),
            Call(
                "void",
                lambda one: one.void(buyer.request, "V1"),
                buyer.authorizes,
                lambda one: one.find_void(buyer.request),
                lambda: world.count("voids"),
            ),
            Call(
                "refund",
                lambda one: one.refund(buyer.request, "R1"),
                buyer.pays,
                lambda one: one.find_refund(buyer.request),
                lambda: world.count("refunds"),
            ),
        )

    @staticmethod
    def _reads(buyer: Buyer) -> tuple[Call, ...]:
        return (
            Call("find_capture", lambda one: one.find_capture(buyer.request), buyer.pays),
            Call("find_void", lambda one: one.find_void(buyer.request), buyer.authorizes),
            Call("find_refund", lambda one: one.find_refund(buyer.request), buyer.pays),
            Call("check", lambda one: one.check()),
        )


SUBJECT = StripeSubject()
