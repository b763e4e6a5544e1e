"""ShipBob on the stage of the certification suite."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from standardwebhooks import Webhook

from connectors.shipbob.connector import ShipBobConnector
from connectors.testing import Call, SignedWebhook, Stage
from domain.fulfillment import SentFulfillmentOrder
from sandbox.faults import Faults
from sandbox.shipbob.app import platform
from sandbox.shipbob.behavior import Behavior
from sandbox.webhooks import Outbox
from tests.connectors.shipbob.conftest import fulfillment_request

CURRENT, PREVIOUS, OTHER = (("whsec_" + base64.b64encode(bytes([n]) * 24).decode()) for n in (1, 2, 3))
ADDRESS = "https://hub.example/webhooks/c1"
SHIPPED = Path(__file__).parent / "golden/parcel-shipped.json"
REQUEST = fulfillment_request("F1")


def sign(secret: str, body: bytes) -> Mapping[str, str]:
    at = datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
        "x-webhook-topic": "order.shipped",
    }


async def send(connector: ShipBobConnector) -> SentFulfillmentOrder:
    return await connector.send_fulfillment_order(REQUEST, "F1")


async def sent(connector: ShipBobConnector) -> SentFulfillmentOrder:
    found = await connector.find_fulfillment_order("F1")
    return found or SentFulfillmentOrder(external_id="7", reference="F1", state="open")


async def recall(connector: ShipBobConnector) -> object:
    order = SentFulfillmentOrder(external_id="1000002", reference="F1", state="open")
    return await connector.recall_fulfillment_order(order, "F1/recall")


async def find_canceled(connector: ShipBobConnector) -> object:
    return (await sent(connector)).state == "canceled"


async def find_subscribed(connector: ShipBobConnector) -> object:
    return not await connector.missing_subscriptions(ADDRESS)


class ShipBobSubject:
    def __init__(self, connector: type[ShipBobConnector] = ShipBobConnector) -> None:
        self.connector = connector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        faults = Faults()
        outbox = Outbox(faults)
        simulator = platform(faults, outbox)
        store = simulator._warehouse.store
        store.settings = store.settings.model_copy(update={"otherwise": Behavior(outcome="ignore")})
        store.put_stock("TEA", 1, 10)

        def count(kind: str) -> int:
            return sum(simulator.counters().get(kind, {}).values())

        yield Stage(
            config={
                "base_url": "http://sandbox/shipbob",
                "token": store.settings.token,
                "channel_id": store.settings.channel_id,
                "webhook_secrets": [CURRENT, PREVIOUS],
            },
            transport=httpx.ASGITransport(FastAPI(routes=simulator.routes)),
            calls=self._calls(count),
            webhook=SignedWebhook(
                topic="order.shipped",
                body=json.dumps(json.loads(SHIPPED.read_text())["shipment"]).encode(),
                sign=sign,
                current_secret=CURRENT,
                previous_secret=PREVIOUS,
                other_secret=OTHER,
            ),
            personal=("Ada Example", "ada@example.com", "555 0100", "1 Test St"),
        )
        await outbox.close()

    @staticmethod
    def _calls(count: Any) -> tuple[Call, ...]:
        return (
            Call(
                "send_fulfillment_order",
                do=send,
                find=lambda connector: connector.find_fulfillment_order("F1"),
                committed=lambda: count("orders"),
            ),
            Call(
                "recall_fulfillment_order",
                prepare=send,
                do=recall,
                find=find_canceled,
                committed=lambda: count("cancels"),
            ),
            Call(
                "subscribe",
                do=lambda connector: connector.subscribe(ADDRESS),
                find=find_subscribed,
                committed=lambda: count("subscriptions"),
                is_idempotent=False,  # ShipBob makes a second subscription of a repeated request
            ),
            Call("find_fulfillment_order", prepare=send, do=lambda one: one.find_fulfillment_order("F1")),
            Call(
                "reports_of",
                prepare=send,
                do=lambda one: one.reports_of(
                    SentFulfillmentOrder(external_id="1000002", reference="F1", state="open")
                ),
            ),
            Call("check", do=lambda one: one.check()),
            Call("locations", do=lambda one: one.locations()),
            Call("opening_stock", do=lambda one: one.opening_stock()),
            Call("missing_subscriptions", do=lambda one: one.missing_subscriptions(ADDRESS)),
        )


SUBJECT = ShipBobSubject()
