"""What tills say: sales and counts, by webhook and by poll, once each and without the hub's own writes."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import StockSetting
from connectors.errors import ForgedDeliveryError, NotFoundAtChannelError, RejectedError, UnreadableError
from connectors.square import webhooks
from connectors.square.mapping import count_of, sale_of
from connectors.square.schemas import PhysicalCount, SquareOrder
from domain.news import News, PosSaleNews, SaleChangedNews, StockCountNews, StockNews
from sandbox.square.account_api import add_subscription
from tests.connectors.square.official import needs_contract, sample
from tests.connectors.square.till import ADDRESS, CURRENT, opened

START = datetime(2026, 1, 1, tzinfo=UTC)


def read(topic: str, body: bytes) -> tuple[News, ...]:
    news = webhooks.read(topic, body)
    assert news is not None, f"{topic} is unknown"
    return news


async def poll(world):
    """Every page, until there is no more."""
    news, cursor, is_last = [], "", False
    while not is_last:
        page = await world.connector.stock_news_since(START, cursor)
        news += page.news
        cursor, is_last = page.cursor, page.is_last
    return news


async def heard(world):
    await world.outbox.drain()
    news = []
    for request in world.delivered:
        delivery = world.connector.identify(dict(request.headers), request.content)
        world.connector.verify(delivery)
        news += world.connector.read(delivery.topic, delivery.body)
    world.delivered.clear()
    return news


def subscribed(world):
    wanted = {"event_types": webhooks.TYPES, "notification_url": ADDRESS, "signature_key": CURRENT}
    add_subscription(world.simulator.account, wanted)


async def test_a_sale_is_told_by_webhook_and_fetched(world):
    subscribed(world)
    sold = await world.sell({"TEA": 2, "CUP": 1})
    told = await heard(world)
    changed = [news for news in told if isinstance(news, SaleChangedNews)]
    sale = await world.connector.fetch_sale(changed[0].external_id)

    assert {news.external_id for news in changed} == {sold["id"]}
    assert isinstance(sale, PosSaleNews)
    assert (sale.external_id, sale.location_external_id) == (sold["id"], "LBER")
    assert [(line.item_external_id, line.quantity) for line in sale.lines] == [("VAR-TEA", 2), ("VAR-CUP", 1)]
    assert sorted(news.available or 0 for news in told if isinstance(news, StockNews)) == [4, 8]


async def test_the_poll_finds_the_same_sale(world):
    sold = await world.sell({"TEA": 2})
    (sale,) = await poll(world)

    assert sale == await world.connector.fetch_sale(sold["id"])


async def test_an_open_order_says_nothing_yet_and_one_to_be_sent_is_no_counter_sale(world):
    subscribed(world)
    await world.sell({"TEA": 1}, state="OPEN")
    told = await heard(world)
    sent = await world.sell({"TEA": 1}, fulfillment="SHIPMENT")

    assert told == []
    assert await world.connector.fetch_sale(sent["id"]) is None
    assert await poll(world) == []


async def test_an_order_that_square_does_not_show_yet_is_asked_for_again(world):
    with pytest.raises(NotFoundAtChannelError):
        await world.connector.fetch_sale("ORD0")


async def test_a_count_by_the_staff_is_an_absolute_count_with_a_time(world):
    before = datetime.now(UTC) - timedelta(seconds=1)
    await world.control.post("/counts", json={"sku": "TEA", "location": "LBER", "quantity": 6})
    (count,) = await poll(world)

    assert isinstance(count, StockCountNews)
    assert (count.item_external_id, count.location_external_id, count.on_hand) == ("VAR-TEA", "LBER", 6)
    assert before < count.at < datetime.now(UTC) + timedelta(seconds=1)
    assert count.key.startswith("square:")


async def test_our_own_writes_do_not_come_back_as_counts(world):
    new = StockSetting(item_external_id="VAR-NEW", location_external_id="LBER", quantity=3)
    await world.connector.set_stock((new,), "K1")

    assert world.units("NEW") == 3
    assert await poll(world) == []


async def test_a_poll_goes_over_many_pages_and_locations():
    places = [{"id": f"L{number}", "name": f"Shop {number}"} for number in range(23)]
    async with opened(locations=places, stock={"TEA": {"L0": 500}}) as world:
        for number in range(23):
            await world.control.post("/sales", json={"location": f"L{number}", "lines": {"TEA": 1}})
        for _ in range(130):
            await world.control.post("/counts", json={"sku": "TEA", "location": "L0", "quantity": 6})
        news = await poll(world)

        assert len({count.key for count in news if isinstance(count, StockCountNews)}) == 130
        assert {sale.location_external_id for sale in news if isinstance(sale, PosSaleNews)} == {
            p["id"] for p in places
        }


async def test_one_order_that_cannot_be_read_stops_no_other(world):
    bad, good = await world.sell({"TEA": 1}), await world.sell({"TEA": 1})
    world.simulator.account.orders[bad["id"]]["line_items"] = 7
    if world.official:  # the simulator is to say what the contract does not allow
        world.connector._client._http._transport = world.official._inner
    assert [sale.external_id for sale in await poll(world)] == [good["id"]]


@pytest.mark.parametrize(
    ("text", "units"), [("2", 2), ("1.5", 2), ("0.00001", 1), ("", None), ("many", None), ("1e999", None)]
)
def test_a_sale_by_weight_takes_whole_units(text, units):
    line = {"uid": "1", "catalog_object_id": "A", "quantity": text}
    order = {
        "id": "O",
        "state": "COMPLETED",
        "location_id": "L",
        "closed_at": "2026-11-01T10:00:00Z",
        "line_items": [line],
    }
    sale = sale_of(SquareOrder.model_validate(order))

    assert (sale.lines[0].quantity if sale else None) == units


@pytest.mark.parametrize(("text", "units"), [("2.7", 2), ("-1", -1), ("-0.5", -1), ("many", None)])
def test_a_count_by_weight_is_what_is_there_for_sure(text, units):
    counted = {"id": "C", "catalog_object_id": "A", "location_id": "L", "state": "IN_STOCK", "quantity": text}
    count = count_of(PhysicalCount.model_validate({**counted, "occurred_at": "2026-11-01T10:00:00Z"}))

    assert (count.on_hand if count else None) == units


async def test_the_address_is_part_of_what_is_signed(world):
    subscribed(world)
    await world.sell({"TEA": 1})
    await world.outbox.drain()
    request = world.delivered[0]
    delivery = webhooks.identify(dict(request.headers), request.content)
    webhooks.verify(delivery, ADDRESS, [CURRENT])

    with pytest.raises(ForgedDeliveryError):
        webhooks.verify(delivery, ADDRESS + "/", [CURRENT])


async def test_a_retry_is_the_same_event(world):
    body = json.dumps({"type": "order.updated", "event_id": "e-7"}).encode()

    assert (
        webhooks.identify({}, body).event_id == webhooks.identify({"square-retry-number": "2"}, body).event_id == "e-7"
    )


async def test_a_disabled_subscription_is_found_and_mended(world):
    await world.connector.subscribe(ADDRESS)
    await world.control.delete("/subscriptions")
    missing = await world.connector.missing_subscriptions(ADDRESS)
    await world.connector.subscribe(ADDRESS)

    assert missing == webhooks.TYPES
    assert await world.connector.missing_subscriptions(ADDRESS) == ()
    assert len(world.simulator.account.subscriptions) == 1


async def test_another_address_than_the_one_that_is_signed_is_refused(world):
    with pytest.raises(RejectedError):
        await world.connector.subscribe("https://other.example/webhooks/till")


@needs_contract
@pytest.mark.parametrize("name", ["OrderCreatedEvent", "OrderUpdatedEvent"])
def test_official_samples_of_open_orders_say_nothing(name):
    body = sample(name)

    assert read(body["type"], json.dumps(body).encode()) == ()


@needs_contract
def test_the_official_sample_of_a_count_is_read():
    (news,) = read("inventory.count.updated", json.dumps(sample("InventoryCountUpdatedEvent")).encode())

    assert isinstance(news, StockNews)
    assert (news.item_external_id, news.available) == ("FGQ5JJWT2PYTHF35CKZ2DSKP", 10)


@needs_contract
def test_the_official_samples_of_orders_are_read():
    found = sample("SearchOrdersResponse")
    orders = found.get("orders") or []

    assert [SquareOrder.model_validate(order).id for order in orders] == [order["id"] for order in orders]


def test_what_cannot_be_read_is_named():
    with pytest.raises(UnreadableError) as caught:
        webhooks.read(
            "order.updated", b'{"created_at": "2026-11-01T10:00:00Z", "data": {"object": {"order_updated": {}}}}'
        )

    assert caught.value.field == "data.object.order_updated.order_id"
