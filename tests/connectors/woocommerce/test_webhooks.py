"""WooCommerce's webhooks: signed over raw bytes, sent once, switched off after five failures, and on again by us."""

import json
from decimal import Decimal

import pytest

from connectors.contract import Surroundings
from connectors.errors import ForgedDeliveryError, RejectedError, UnreadableError
from connectors.woocommerce import webhooks
from connectors.woocommerce.connector import WooConfig, WooConnector
from domain.news import ListingNews, News, OrderChangedNews, OrderNews, StockNews
from tests.connectors.woocommerce.official import needs_contract, sample
from tests.connectors.woocommerce.shop import CONFIG, opened
from tests.connectors.woocommerce.test_orders import buy

ADDRESS = "http://hub.example/webhooks/c1"


def read(topic: str, body: bytes) -> tuple[News, ...]:
    news = webhooks.read(topic, body)
    assert news is not None, f"{topic} is unknown"
    return news


async def heard(world):
    """What the hub makes of every delivery, in the order of arrival."""
    await world.outbox.drain()
    news = []
    for request in world.delivered:
        delivery = world.connector.identify(dict(request.headers), request.content)
        world.connector.verify(delivery)
        news.append((delivery.topic, world.connector.read(delivery.topic, delivery.body)))
    world.delivered.clear()
    return news


async def test_an_order_is_told_by_signed_webhooks(world):
    await world.connector.subscribe(ADDRESS)
    trials = await heard(world)
    placed = await buy(world, {"TEA": 1})
    told = await heard(world)

    assert {topic for topic, _ in trials} == {"ping"}
    assert [news for _, news in trials] == [()] * 6
    assert sorted(topic for topic, _ in told) == ["order.created", "order.updated", "product.updated"]
    created = next(news for topic, news in told if topic == "order.created")
    assert isinstance(created[0], OrderNews)
    assert created[0].order.external_id == str(placed["id"])


async def test_two_events_of_one_second_are_two_events(world):
    """WooCommerce makes the delivery id of the webhook and the second."""
    headers = {"x-wc-webhook-delivery-id": "same", "x-wc-webhook-topic": "order.updated"}
    first = webhooks.identify(headers, b'{"id": 1, "status": "processing"}')
    second = webhooks.identify(headers, b'{"id": 1, "status": "completed"}')

    assert first.event_id != second.event_id


async def test_a_forged_trial_says_nothing(world):
    delivery = webhooks.identify({"x-wc-webhook-topic": "order.created"}, b"webhook_id=7")
    world.connector.verify(delivery)

    assert world.connector.read(delivery.topic, delivery.body) == ()


async def test_a_body_that_only_begins_like_a_trial_is_forged(world):
    with pytest.raises(ForgedDeliveryError):
        world.connector.verify(webhooks.identify({}, b'webhook_id=7&order={"id": 1}'))


async def test_five_failures_disable_a_webhook_and_the_hub_switches_it_on_again(world):
    await world.connector.subscribe(ADDRESS)
    await world.outbox.drain()
    world.answers.append(500)
    for _ in range(5):
        await buy(world, {"TEA": 1})
        await world.outbox.drain()
    missing = await world.connector.missing_subscriptions(ADDRESS)
    world.answers.append(200)
    await world.connector.subscribe(ADDRESS)
    await world.outbox.drain()
    world.delivered.clear()
    await buy(world, {"TEA": 1})

    assert missing == ("order.created", "order.updated", "product.updated")
    assert await world.connector.missing_subscriptions(ADDRESS) == ()
    assert len(world.shop.webhooks) == 6
    assert len(await heard(world)) == 3


async def test_another_address_has_its_own_webhooks(world):
    await world.connector.subscribe("http://old.example/webhooks/c1")

    assert len(await world.connector.missing_subscriptions(ADDRESS)) == 6


async def test_no_webhook_without_a_secret():
    async with opened() as world:
        config = WooConfig.model_validate({**CONFIG, "webhook_secrets": []})
        bare = WooConnector.open(config, Surroundings("c1", transport=world.transport))
        with pytest.raises(RejectedError):
            await bare.subscribe(ADDRESS)
        await bare.close()


async def test_a_refunded_order_is_asked_for(world):
    placed = await buy(world, {"TEA": 2})
    body = world.shop.orders[placed["id"]] | {"refunds": [{"id": 7, "total": "-1.00"}]}
    (news,) = read("order.updated", json.dumps({k: v for k, v in body.items() if k[0] != "_"}).encode())

    assert isinstance(news, OrderChangedNews)
    assert news.order_external_id == str(placed["id"])


def test_a_deleted_order_is_asked_for():
    (news,) = read("order.deleted", b'{"id": 7}')

    assert isinstance(news, OrderChangedNews)
    assert news.order_external_id == "7"


@needs_contract
def test_a_cart_says_nothing():
    body = sample("docs/order_create_response.json") | {"status": "checkout-draft"}

    assert read("order.created", json.dumps(body).encode()) == ()


def test_a_changed_number_is_told_for_products_and_variations():
    product = {"id": 5, "manage_stock": True, "stock_quantity": 3, "date_modified_gmt": "2026-11-01T10:00:00"}
    (told, simple) = read("product.updated", json.dumps(product).encode())
    (_, variation) = read("product.updated", json.dumps(product | {"parent_id": 4}).encode())

    assert isinstance(simple, StockNews)
    assert (simple.item_external_id, simple.available) == ("5", 3)
    assert isinstance(variation, StockNews)
    assert variation.item_external_id == "4/5"
    assert isinstance(told, ListingNews)
    assert [
        type(one) for one in read("product.updated", json.dumps(product | {"manage_stock": "parent"}).encode())
    ] == [ListingNews]


def test_a_product_is_told_with_its_texts_and_its_price():
    product = {"id": 5, "sku": "MUG", "name": "Mug", "regular_price": "12.00", "sale_price": "9.90"}

    (told,) = read("product.updated", json.dumps(product).encode())
    (gone,) = read("product.deleted", b'{"id": 5}')

    assert isinstance(told, ListingNews)
    assert (told.external_id, told.fields["name"]) == ("5", "Mug")
    assert told.amounts == {"variants/MUG/price": Decimal("9.90"), "variants/MUG/compare_at": Decimal("12.00")}
    assert isinstance(gone, ListingNews)
    assert gone.is_gone


def test_what_cannot_be_read_is_named():
    with pytest.raises(UnreadableError) as caught:
        webhooks.read("order.created", b'{"id": "x"}')

    assert caught.value.field == "id"
