"""ShipEngine on the stage of the certification suite."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from connectors.contract import Label
from connectors.shipengine.connector import ShipEngineConnector
from connectors.testing import Call, SignedWebhook, Stage
from domain.money import Money
from sandbox.shipengine import signing
from sandbox.shipengine.post import KEY
from sandbox.shipengine.state import now
from tests.connectors.shipengine.world import PREVIOUS, World, config, opened, request

ADDRESS = "https://hub.example/webhooks/c1"
REQUEST = request("RMA-1")
LABEL = Label(
    external_id="se-1000001",
    carrier="sandbox_post",
    tracking_number="SBXP000001000001",
    document_url="",
    cost=Money(amount_minor=490, currency="USD"),
)
NOTICE = {
    "resource_url": "https://api.shipengine.com/v1/tracking?carrier_code=ups&tracking_number=1Z1",
    "resource_type": "API_TRACK",
    "data": {
        "tracking_number": "1Z1",
        "status_code": "IT",
        "events": [{"occurred_at": "2026-11-22T10:00:00Z", "country_code": "US"}],
    },
}


def sign(secret: str, body: bytes) -> Mapping[str, str]:
    """The "secret" is the name of a private key that only the simulator has."""
    return signing.headers(secret, body, now())


async def buy(connector: ShipEngineConnector) -> object:
    return await connector.buy_label(REQUEST, "RMA-1")


async def is_voided(connector: ShipEngineConnector) -> bool:
    found = await connector.find_label(REQUEST)
    return found is not None and found.is_voided


async def is_subscribed(connector: ShipEngineConnector) -> bool:
    return not await connector.missing_subscriptions(ADDRESS)


class ShipEngineSubject:
    connector = ShipEngineConnector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        async with opened(official=False) as world:
            yield Stage(
                config=config(KEY, PREVIOUS),
                transport=world.transport,
                without_exchange=("locations", "opening_stock"),
                calls=self._calls(world),
                webhook=SignedWebhook(
                    topic="API_TRACK",
                    body=json.dumps(NOTICE).encode(),
                    sign=sign,
                    current_secret=KEY,
                    previous_secret=PREVIOUS,
                    other_secret="key-of-nobody",
                ),
                personal=("Ada Example", "1 Test St", "555 0101", "Lagerweg"),
            )

    @staticmethod
    def _calls(world: World) -> tuple[Call, ...]:
        return (
            Call(
                "buy_label",
                do=buy,
                find=lambda one: one.find_label(REQUEST),
                committed=lambda: world.count("labels"),
            ),
            Call(
                "void_label",
                do=lambda one: one.void_label(LABEL, "V1"),
                prepare=buy,
                find=is_voided,
                committed=lambda: world.count("voids"),
            ),
            Call(
                "subscribe",
                do=lambda one: one.subscribe(ADDRESS),
                find=is_subscribed,
                committed=lambda: world.count("webhooks"),
            ),
            Call("find_label", do=lambda one: one.find_label(REQUEST), prepare=buy),
            Call("scans_of", do=lambda one: one.scans_of("sandbox_post", "SBXP000001000001"), prepare=buy),
            Call("check", do=lambda one: one.check()),
            Call("missing_subscriptions", do=lambda one: one.missing_subscriptions(ADDRESS)),
        )


SUBJECT = ShipEngineSubject()
