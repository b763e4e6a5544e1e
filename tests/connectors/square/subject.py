"""Square on the stage of the certification suite."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.contract import StockSetting
from connectors.kit.webhooks import sign_hmac
from connectors.square.connector import SquareConnector
from connectors.testing import Call, SignedWebhook, Stage
from tests.connectors.square.till import ADDRESS, CONFIG, CURRENT, OTHER, PREVIOUS, World, opened

TEA = StockSetting(item_external_id="VAR-TEA", location_external_id="LBER", quantity=7, expected=10)
COUNTED = {
    "merchant_id": "ML-SANDBOX", "type": "inventory.count.updated", "event_id": "e-1",
    "created_at": "2026-11-01T10:00:00Z",
    "data": {"type": "inventory_counts", "id": "d-1", "object": {"inventory_counts": [
        {"catalog_object_id": "VAR-TEA", "catalog_object_type": "ITEM_VARIATION", "state": "IN_STOCK",
         "location_id": "LBER", "quantity": "9", "calculated_at": "2026-11-01T10:00:00Z"},
    ]}},
}  # fmt: skip


def sign(secret: str, body: bytes) -> Mapping[str, str]:
    return {"x-square-hmacsha256-signature": sign_hmac(ADDRESS.encode() + body, secret)}


class SquareSubject:
    connector = SquareConnector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        async with opened() as world:
            yield Stage(
                config=CONFIG,
                transport=world.transport,
                calls=_calls(world),
                webhook=SignedWebhook(
                    topic="inventory.count.updated",
                    body=json.dumps(COUNTED).encode(),
                    sign=sign,
                    current_secret=CURRENT,
                    previous_secret=PREVIOUS,
                    other_secret=OTHER,
                ),
            )


def _calls(world: World) -> tuple[Call, ...]:
    async def shows_seven(connector: Any) -> bool:
        found = await connector.read_stock(("VAR-TEA",))
        return 7 in [at.quantity for at in found if at.location_external_id == "LBER"]

    async def is_subscribed(connector: Any) -> bool:
        return not await connector.missing_subscriptions(ADDRESS)

    async def sold(_connector: Any) -> None:
        await world.sell({"TEA": 1})

    start = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        Call(
            "set_stock",
            lambda one: one.set_stock((TEA,), "K1"),
            find=shows_seven,
            committed=lambda: world.count("inventory"),
        ),
        Call(
            "subscribe",
            lambda one: one.subscribe(ADDRESS),
            find=is_subscribed,
            committed=lambda: world.count("subscription"),
            is_idempotent=False,  # a second subscription tells everything twice, which the hub knows by the event's id
        ),
        Call("read_stock", do=lambda one: one.read_stock(("VAR-TEA",))),
        Call("stock_news_since", lambda one: one.stock_news_since(start), sold),
        Call("fetch_sale", lambda one: one.fetch_sale("ORD1001"), sold),
        Call("check", do=lambda one: one.check()),
        Call("locations", do=lambda one: one.locations()),
        Call("opening_stock", do=lambda one: one.opening_stock()),
        Call("missing_subscriptions", do=lambda one: one.missing_subscriptions(ADDRESS)),
    )


SUBJECT = SquareSubject()
