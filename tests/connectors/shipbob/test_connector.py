"""The connector against the simulated ShipBob; where the official OpenAPI is at hand every exchange is held to it."""

from typing import Any

import httpx
import pytest

from connectors.contract import PROTOCOLS, RemoteLocation, RemoteStock, Surroundings
from connectors.errors import NotAuthorizedError, OutcomeUnknownError, RejectedError, TryAgainError
from connectors.shipbob.connector import ShipBobConfig, ShipBobConnector
from connectors.shipbob.webhooks import TOPICS
from domain.fulfillment import SentFulfillmentOrder
from sandbox.faults import FaultKind
from tests.connectors.shipbob.conftest import World, fulfillment_request
from tests.connectors.shipbob.openapi import needs_contract

ADDRESS = "https://hub.example/webhooks/c1"


async def send(world: World, reference: str = "F1", **changes: Any) -> SentFulfillmentOrder:
    return await world.connector.send_fulfillment_order(fulfillment_request(reference, **changes), key=reference)


def test_what_it_can_follows_from_its_methods(world):
    satisfied = {protocol.__name__ for protocol in PROTOCOLS if isinstance(world.connector, protocol)}

    assert satisfied == {
        "CanBeOnboarded",
        "ReceivesWebhooks",
        "ReportsFulfillment",
        "SubscribesToWebhooks",
        "TakesFulfillmentOrders",
    }


async def test_what_was_sent_is_found_by_our_reference(world):
    sent = await send(world)

    assert await world.connector.find_fulfillment_order("F1") == sent
    assert await world.connector.find_fulfillment_order("F2") is None
    assert sent.state == "open"


async def test_sending_twice_makes_one_order(world):
    first, second = await send(world), await send(world)

    assert first == second
    assert world.simulator.counters()["orders"] == {"F1": 1}


async def test_an_unanswered_send_is_found_by_look_up(world):
    world.strike(FaultKind.COMMIT_THEN_DROP, "create-order")

    with pytest.raises(OutcomeUnknownError):
        await send(world)
    found = await world.connector.find_fulfillment_order("F1")

    assert found is not None
    assert world.simulator.counters()["orders"] == {"F1": 1}


async def test_a_repeated_request_is_answered_by_the_order_that_has_the_reference(world):
    world.strike(FaultKind.ANSWER_TWICE, "create-order")

    sent = await send(world)

    assert sent == await world.connector.find_fulfillment_order("F1")
    assert world.simulator.counters()["orders"] == {"F1": 1}


async def test_success_on_a_dead_object_is_no_success(world):
    world.strike(FaultKind.STALE_OBJECT, "create-order")

    with pytest.raises(OutcomeUnknownError):
        await send(world)

    assert await world.connector.find_fulfillment_order("F1") is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_pickup": True}, "pickup_not_offered"),
        ({"ship_to": None}, "address_incomplete"),
        ({"lines": ()}, "no_lines"),
        ({"location_external_id": "Berlin"}, "location_unknown"),
    ],
)
async def test_what_shipbob_could_never_take_is_not_sent(world, changes, code):
    with pytest.raises(RejectedError) as caught:
        await send(world, **changes)

    assert [reason.code for reason in caught.value.reasons] == [code]
    assert world.simulator.counters() == {}


async def test_a_refusal_names_our_line(world):
    request = fulfillment_request()
    lines = (request.lines[0], request.lines[1].model_copy(update={"quantity": 0}))

    with pytest.raises(RejectedError) as caught:
        await send(world, lines=lines)

    assert [(reason.item, reason.code) for reason in caught.value.reasons] == [("L2", "quantity")]


async def test_a_recall_in_time_is_confirmed_however_often(world):
    await world.behave(pick_after=None)
    sent = await send(world)

    answers = [(await world.connector.recall_fulfillment_order(sent, "k")).answer for _ in range(2)]

    assert answers == ["confirmed", "confirmed"]
    assert world.simulator.counters()["cancels"] == {"F1": 1}


@pytest.mark.parametrize("behavior", [{"on_cancel": "refuse", "pick_after": None}, {"pick_after": 0, "ship_after": 0}])
async def test_a_recall_too_late_is_refused(world, behavior):
    await world.behave(**behavior)
    sent = await send(world)
    await world.settled()

    answer = await world.connector.recall_fulfillment_order(sent, "k")

    assert answer.answer == "refused"
    assert "cancels" not in world.simulator.counters()


async def test_an_unanswered_recall_is_unknown_then_confirmed(world):
    await world.behave(pick_after=None)
    sent = await send(world)
    world.strike(FaultKind.COMMIT_THEN_DROP, "cancel-order")

    with pytest.raises(OutcomeUnknownError):
        await world.connector.recall_fulfillment_order(sent, "k")
    answer = await world.connector.recall_fulfillment_order(sent, "k")

    assert answer.answer == "confirmed"
    assert world.simulator.counters()["cancels"] == {"F1": 1}


async def test_a_poll_tells_every_parcel(world):
    await world.behave(parcels=2, deliver_after=0.01)
    sent = await send(world)
    await world.settled()

    reports = await world.connector.reports_of(sent)

    kinds = [report.kind for report in reports]
    parcels = [report.shipment for report in reports if report.kind == "shipped"]
    assert kinds == ["accepted", "shipped", "shipped", "delivered", "delivered"]
    assert sorted((line.sku, line.quantity) for parcel in parcels for line in parcel.lines) == [
        ("CUP", 1),
        ("TEA", 1),
        ("TEA", 1),
    ]
    assert all(parcel.tracking_number for parcel in parcels)


@pytest.mark.parametrize(
    ("outcome", "kind", "reason"),
    [("reject", "rejected", "OutOfStock"), ("hold", "on_hold", "InvalidAddress"), ("cancel", "canceled", "")],
)
async def test_a_poll_tells_why_nothing_ships(world, outcome, kind, reason):
    await world.behave(outcome=outcome)
    sent = await send(world)
    await world.settled()

    last = (await world.connector.reports_of(sent))[-1]

    assert (last.kind, last.reason, last.reference) == (kind, reason, "F1")


async def test_it_is_told_when_a_canceled_order_ships(world):
    await world.behave(pick_after=None, on_cancel="ship_anyway")
    sent = await send(world)
    answer = await world.connector.recall_fulfillment_order(sent, "k")
    await world.settled()

    kinds = [report.kind for report in await world.connector.reports_of(sent)]

    assert (answer.answer, kinds) == ("confirmed", ["accepted", "shipped"])


async def test_an_expired_token_pauses_the_connection(world):
    world.strike(FaultKind.TOKEN_EXPIRED, "create-order")

    with pytest.raises(NotAuthorizedError) as caught:
        await send(world)

    assert caught.value.scope == "connection"


async def test_waits_as_long_as_shipbob_asks(world):
    world.strike(FaultKind.THROTTLE, "create-order", seconds=25)

    with pytest.raises(TryAgainError) as caught:
        await send(world)

    assert caught.value.after is not None
    assert caught.value.after.total_seconds() == 25


async def test_the_account_is_checked_by_channel_and_scopes(world):
    await world.control.post("settings", json={"scopes": ["orders_read"]})

    access = await world.connector.check()

    assert access.account == "Tutti sandbox"
    assert "orders_write" in access.missing
    assert "orders_read" not in access.missing


async def test_a_channel_of_somebody_else_is_missing(world):
    await world.control.post("settings", json={"channel_id": 7})

    assert (await world.connector.check()).missing == ("channel 100001",)


async def test_locations_and_stock_can_be_imported(world):
    counts = [{"sku": f"S{number}", "location_id": 1, "on_hand": number} for number in range(300)]
    await world.control.post("stock", json=counts)

    locations, stock = await world.connector.locations(), await world.connector.opening_stock()

    assert locations[2] == RemoteLocation(external_id="3", name="Lodz (PL)", country="PL", postal_code="90-001")
    assert len(stock) == 300
    assert (stock[299].sku, stock[299].available, stock[299].location_external_id) == ("S299", 299, "1")
    assert isinstance(stock[0], RemoteStock)


async def test_subscribing_is_repeatable_and_missing_topics_are_found(world):
    before = await world.connector.missing_subscriptions(ADDRESS)
    await world.connector.subscribe(ADDRESS)
    await world.connector.subscribe(ADDRESS)

    subscriptions = world.simulator._warehouse.store.subscriptions
    assert before == TOPICS
    assert await world.connector.missing_subscriptions(ADDRESS) == ()
    assert len(subscriptions) == 1


@pytest.mark.parametrize(
    ("outcome", "kinds"), [("ship", ["shipped", "delivered"]), ("reject", ["rejected"]), ("cancel", ["canceled"])]
)
async def test_what_the_simulator_signs_is_verified_and_says_what_a_poll_says(world, outcome, kinds):
    await world.connector.subscribe(ADDRESS)
    await world.behave(outcome=outcome, deliver_after=0.01)
    sent = await send(world)
    await world.settled()
    polled = {report.key: report for report in await world.connector.reports_of(sent)}

    told = {}
    for request in world.delivered:
        delivery = world.connector.identify(request.headers, request.content)
        world.connector.verify(delivery)
        for news in world.connector.read(delivery.topic, delivery.body) or ():
            told[news.report.key] = news.report

    assert [report.kind for report in told.values()] == kinds
    assert all(polled[key] == report for key, report in told.items())


async def test_a_subscription_that_was_switched_off_is_renewed(world):
    await world.connector.subscribe(ADDRESS)
    (only,) = world.simulator._warehouse.store.subscriptions.values()
    only["enabled"] = False

    missing = await world.connector.missing_subscriptions(ADDRESS)
    await world.connector.subscribe(ADDRESS)

    assert missing == TOPICS
    assert await world.connector.missing_subscriptions(ADDRESS) == ()


@needs_contract
async def test_every_call_is_in_the_official_contract(world):
    sent = await send(world)
    await world.connector.find_fulfillment_order("F1")
    await world.connector.reports_of(sent)
    await world.connector.recall_fulfillment_order(sent, "k")
    await world.connector.check()
    await world.connector.locations()
    await world.connector.opening_stock()
    await world.connector.subscribe(ADDRESS)
    (subscription,) = world.simulator._warehouse.store.subscriptions.values()
    subscription["enabled"] = False
    await world.connector.subscribe(ADDRESS)

    assert world.official.seen == {
        "create-order", "get-orders", "get-order", "cancel-order", "get-channels", "get-locations",
        "get-all-inventory-levels-grouped-by-fulfillment-center", "get-subscriptions", "create-subscription",
        "delete-subscription",
    }  # fmt: skip


async def test_a_list_is_not_followed_to_another_host():
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        following = "https://evil.example/2026-01/channel?Cursor=2" if len(asked) == 1 else None
        return httpx.Response(200, json={"items": [], "next": following})

    config = ShipBobConfig(token="t", channel_id=1)
    connector = ShipBobConnector.open(config, Surroundings(connection_id="c", transport=httpx.MockTransport(answer)))

    await connector.check()

    assert asked == ["https://api.shipbob.com/2026-01/channel", "https://api.shipbob.com/2026-01/channel?Cursor=2"]
