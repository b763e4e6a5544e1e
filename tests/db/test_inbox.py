"""Stored deliveries become facts once, and none ends without a named outcome."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection, func, select

from connectors.contract import ReceivesWebhooks
from connectors.kit.webhooks import sign_hmac
from connectors.shopify.connector import ShopifyConnector
from connectors.shopify.mapping import order_of
from connectors.shopify.schemas import ShopifyOrder
from db import connections
from db.exceptions import EXCEPTIONS
from db.facts import EVENTS
from db.inbox import INBOX, Arrived, body_of, store
from db.order_reading import ORDERS
from domain.channel_order import ChannelOrder
from runtime.intake import Intake
from runtime.settings import Settings
from runtime.wiring import Hub
from tests.db.migrated import migrated
from tests.db.world import KEYS, NOW

ORDER = Path(__file__).parents[2] / "sandbox/fixtures/shopify/one_parcel.json"
SHOP = {"shop_domain": "alpha.myshopify.com", "access_token": "shpat_x", "client_secrets": ["s"]}


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    """With one Shopify connection, `web`, and the connector that really reads its deliveries."""
    settings.var.mkdir(parents=True)
    migrated(settings.database_url)
    hub = Hub(settings.model_copy(update={"sqlite_synchronous": "NORMAL"}), keys=KEYS)
    hub.database.write_now(_connection)
    yield hub
    hub.database.close()


def _connection(tx: Connection) -> None:
    connections.create(tx, KEYS, "web", platform="shopify", config=SHOP, now=NOW)
    connections.change(tx, "web", mode="on")


async def arrive(hub: Hub, topic: str, event_id: str, body: bytes) -> bool:
    arrived = Arrived(connection_id="web", topic=topic, event_id=event_id, body=body)
    return await hub.database.write(lambda tx: store(tx, KEYS, arrived, datetime.now(UTC)))


def seen(hub: Hub, *columns: Any) -> list[tuple[Any, ...]]:
    return hub.database.read_now(lambda tx: [tuple(row) for row in tx.execute(select(*columns))])


async def test_fifty_copies_on_two_topics_are_one_order(hub: Hub) -> None:
    body = ORDER.read_bytes()
    copies = [arrive(hub, topic, f"e-{topic}", body) for topic in ("orders/create", "orders/paid") for _ in range(50)]

    stored = await asyncio.gather(*copies)
    await asyncio.gather(Intake(hub).drain(), Intake(hub).drain())  # as two processes would

    assert sum(stored) == 2
    assert seen(hub, ORDERS.c.id) == [("web-5001000001",)]
    assert seen(hub, EVENTS.c.kind) == [("placed",)]
    assert sorted(seen(hub, INBOX.c.state, INBOX.c.outcome)) == [("done", "order new"), ("done", "order same")]


async def test_the_same_order_under_fifty_event_ids_is_still_one_order(hub: Hub) -> None:
    for number in range(50):
        await arrive(hub, "orders/updated", f"e{number}", ORDER.read_bytes())

    await Intake(hub).drain()

    assert seen(hub, func.count(ORDERS.c.id)) == [(1,)]
    assert seen(hub, EVENTS.c.kind) == [("placed",)]
    assert set(seen(hub, INBOX.c.state)) == {("done",)}


async def test_a_delivery_that_is_hours_old_is_an_order(hub: Hub) -> None:
    body, told_at = ORDER.read_bytes(), datetime.now(UTC) - timedelta(hours=7)
    headers = {"x-shopify-topic": "orders/create", "x-shopify-webhook-id": "w1"}
    headers |= {"x-shopify-triggered-at": told_at.isoformat(), "x-shopify-hmac-sha256": sign_hmac(body, "s")}
    connector = cast("ReceivesWebhooks", await hub.connector("web"))

    delivery = connector.identify(headers, body)
    connector.verify(delivery)  # Shopify signs no time, so none is judged
    arrived = Arrived("web", delivery.topic, delivery.event_id, body, delivery.triggered_at)
    await hub.database.write(lambda tx: store(tx, KEYS, arrived, datetime.now(UTC)))
    await Intake(hub).drain()

    assert seen(hub, INBOX.c.outcome, INBOX.c.triggered_at) == [("order new", told_at)]
    assert seen(hub, ORDERS.c.id) == [("web-5001000001",)]


async def test_bodies_that_cannot_be_read_are_kept_under_one_exception(hub: Hub) -> None:
    wrong = json.loads(ORDER.read_bytes())
    wrong["line_items"][0]["quantity"] = "many"
    for number in range(3):
        await arrive(hub, "orders/create", f"e{number}", json.dumps(wrong).encode())

    await Intake(hub).drain()

    cause = "unreadable_delivery:web:orders/create:line_items.0.quantity"
    assert set(seen(hub, INBOX.c.state, INBOX.c.outcome)) == {("unreadable", "unreadable: line_items.0.quantity")}
    assert seen(hub, EXCEPTIONS.c.cause) == [(cause,)]
    assert seen(hub, func.min(func.length(INBOX.c.sealed_body)))[0][0] > 0
    assert seen(hub, ORDERS.c.id) == []


async def test_a_broken_delivery_does_not_stop_the_others(hub: Hub) -> None:
    await arrive(hub, "orders/create", "broken", b'{"id": 1, ')
    await arrive(hub, "orders/create", "whole", ORDER.read_bytes())

    await Intake(hub).drain()

    assert seen(hub, INBOX.c.event_id, INBOX.c.state) == [("broken", "unreadable"), ("whole", "done")]


@pytest.mark.parametrize(
    ("topic", "state", "outcome"),
    [
        ("themes/publish", "unknown_topic", "unknown topic"),
        ("fulfillments/create", "done", "nothing for the hub"),
        ("refunds/create", "done", "unknown order"),
    ],
)
async def test_what_is_not_about_an_order_is_marked(hub: Hub, topic: str, state: str, outcome: str) -> None:
    refund = {"id": 7, "order_id": 404, "created_at": NOW.isoformat(), "transactions": []}
    await arrive(hub, topic, "e1", json.dumps(refund).encode())

    read = [await Intake(hub).drain() for _ in range(2)]

    assert seen(hub, INBOX.c.state, INBOX.c.outcome) == [(state, outcome)]
    assert read == [1, 0]


async def test_an_erasure_leaves_nothing_of_what_was_sealed_in_the_files(hub: Hub) -> None:
    await arrive(hub, "orders/create", "e1", ORDER.read_bytes())
    await Intake(hub).drain()
    sealed = [*seen(hub, ORDERS.c.sealed_person)[0], *seen(hub, INBOX.c.sealed_body)[0]]
    parts = [each[start : start + 32] for each in sealed for start in (0, len(each) // 2)]
    folder = Path(hub.settings.database_url.removeprefix("sqlite:///")).parent

    def found() -> set[int]:
        files = [path.read_bytes() for path in folder.glob("*.db*")]
        return {number for number, part in enumerate(parts) if any(part in file for file in files)}

    before = found()
    wish = {"customer": {"id": 1, "email": json.loads(ORDER.read_bytes())["email"]}, "orders_to_redact": []}
    await arrive(hub, "customers/redact", "e2", json.dumps(wish).encode())
    await Intake(hub).drain()

    assert before == {0, 1, 2, 3}
    assert found() == set()


def without(body: bytes, *fields: str) -> bytes:
    """A body that leaves out what tells how the order is delivered."""
    return json.dumps({name: value for name, value in json.loads(body).items() if name not in fields}).encode()


async def test_an_order_that_may_be_a_pickup_is_asked_for_before_anything_is_decided(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def fetch(self: ShopifyConnector, external_id: str) -> ChannelOrder:
        asked.append(external_id)
        order = order_of(ShopifyOrder.model_validate_json(without(ORDER.read_bytes(), "shipping_address")))
        return order.model_copy(update={"delivery": "pickup", "pickup_location_external_id": "77"})

    monkeypatch.setattr(ShopifyConnector, "fetch_order", fetch)
    await arrive(hub, "orders/create", "e1", without(ORDER.read_bytes(), "shipping_address"))

    await Intake(hub).drain()

    assert asked == ["5001000001"]
    assert seen(hub, ORDERS.c.delivery, ORDERS.c.pickup_location_id) == [("pickup", "77")]


async def test_an_order_that_is_to_be_shipped_is_not_asked_for(hub: Hub) -> None:
    await arrive(hub, "orders/create", "e1", ORDER.read_bytes())

    await Intake(hub).drain()  # a call to the shop, which does not exist, would leave the delivery unread

    assert seen(hub, ORDERS.c.delivery) == [("ship",)]


async def test_a_stored_body_is_smaller_than_what_came(hub: Hub) -> None:
    await arrive(hub, "orders/create", "e1", ORDER.read_bytes())

    (row,) = hub.database.read_now(lambda tx: tx.execute(select(INBOX)).all())

    assert body_of(KEYS, row) == ORDER.read_bytes()
    assert len(row.sealed_body) < len(ORDER.read_bytes()) / 4
