"""The connector at a simulated shop: shipments at the right place, one effect per write, results per item."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import CancelRequest, PaymentRequest, ShipmentNotice
from connectors.errors import (
    NotFoundAtChannelError,
    OutcomeUnknownError,
    RejectedError,
)
from connectors.shopify.mapping import order_of
from connectors.shopify.schemas import ShopifyOrder
from domain.money import Money
from sandbox.faults import FaultKind
from tests.connectors.shopify.contract_files import FIXTURE_NAMES, fixture
from tests.connectors.shopify.shop import BERLIN, STORE, TORONTO, SimulatedShop


def notice(order: Any, location: int, *skus: str, units: int = 1, number: str = "1Z1", **more: Any) -> ShipmentNotice:
    lines = tuple((str(line["id"]), units) for line in order["lines"] if line["sku"] in skus)
    return ShipmentNotice(
        reference=number,
        order_external_id=str(order["id"]),
        location_external_id=str(location),
        carrier="UPS",
        tracking_number=number,
        lines=lines,
        **more,
    )


def dollars(cents: int) -> Money:
    return Money(amount_minor=cents, currency="USD")


# ---- shipments ----


async def test_a_parcel_is_shown_with_its_tracking(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")

    shown = await shop.connector.report_shipment(notice(order, BERLIN, "TEE-BLK-M"), "k")

    assert (shown.tracking_number, shown.carrier, shown.status) == ("1Z1", "UPS", "success")
    assert (await shop.shown(order["id"]))["fulfillment_status"] == "fulfilled"


async def test_a_parcel_from_elsewhere_takes_its_work_along(shop: SimulatedShop) -> None:
    order = await shop.place("several_lines")

    await shop.connector.report_shipment(notice(order, TORONTO, "MUG-RED"), "k")

    after = await shop.shown(order["id"])
    assert after["fulfillments"][0]["location_id"] == TORONTO
    assert after["fulfillment_status"] == "partial"


async def test_two_parcels_from_two_places_complete_the_order(shop: SimulatedShop) -> None:
    order = await shop.place("several_lines")

    await shop.connector.report_shipment(notice(order, TORONTO, "MUG-RED", number="A"), "a")
    await shop.connector.report_shipment(notice(order, BERLIN, "POSTER-A2", number="B"), "b")
    await shop.connector.report_shipment(notice(order, BERLIN, "NOTEBOOK-A5", units=3, number="C"), "c")
    await shop.connector.report_shipment(notice(order, TORONTO, "TEE-BLK-M", units=2, number="D"), "d")

    after = await shop.shown(order["id"])
    assert after["fulfillment_status"] == "fulfilled"
    assert [parcel["tracking"][0]["number"] for parcel in after["fulfillments"]] == ["A", "B", "C", "D"]


async def test_a_parcel_that_joins_open_work_elsewhere_holds_only_its_own_lines(shop: SimulatedShop) -> None:
    order = await shop.place("several_lines")
    move = """mutation($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
      fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) { userErrors { message } } }"""
    work = order["fulfillment_orders"][0]
    mug = next(line["id"] for line in order["lines"] if line["sku"] == "MUG-RED")
    part = next(line for line in shop.works(work["id"]) if line.line["id"] == mug)
    lines = [{"id": f"gid://shopify/FulfillmentOrderLineItem/{part.id}", "quantity": 1}]
    await shop.ask(
        move, id=f"gid://shopify/FulfillmentOrder/{work['id']}", to=f"gid://shopify/Location/{TORONTO}", lines=lines
    )

    await shop.connector.report_shipment(notice(order, TORONTO, "TEE-BLK-M"), "k")

    shown = await shop.shown(order["id"])
    tee = next(line["id"] for line in order["lines"] if line["sku"] == "TEE-BLK-M")
    assert [parcel["lines"] for parcel in shown["fulfillments"]] == [{str(tee): 1}]


async def test_a_part_is_shipped_once_though_the_network_repeats_the_request(shop: SimulatedShop) -> None:
    order = await shop.place("several_lines")
    shop.strike(FaultKind.ANSWER_TWICE, "fulfillmentCreate")

    shown = await shop.connector.report_shipment(notice(order, BERLIN, "NOTEBOOK-A5"), "k")

    assert shown.tracking_number == "1Z1"
    assert shop.count("fulfillment") == 1


async def test_a_success_onto_a_canceled_shipment_is_not_believed(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")
    shop.strike(FaultKind.STALE_OBJECT, "fulfillmentCreate")

    with pytest.raises(OutcomeUnknownError):
        await shop.connector.report_shipment(notice(order, BERLIN, "TEE-BLK-M"), "k")

    assert await shop.connector.find_shipment(notice(order, BERLIN, "TEE-BLK-M")) is None


async def test_a_parcel_with_more_than_is_open_is_rejected_by_line(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")

    with pytest.raises(RejectedError) as refusal:
        await shop.connector.report_shipment(notice(order, BERLIN, "TEE-BLK-M", units=2), "k")

    assert [reason.item for reason in refusal.value.reasons] == [str(order["lines"][0]["id"])]


async def test_a_held_order_cannot_be_shipped(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel", hold="INCORRECT_ADDRESS")

    with pytest.raises(RejectedError):
        await shop.connector.report_shipment(notice(order, BERLIN, "TEE-BLK-M"), "k")


async def test_a_collected_order_is_shown_without_tracking_and_found_by_its_lines(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")
    collected = notice(order, BERLIN, "TEE-BLK-M", number="", is_collected=True)

    shown = await shop.connector.report_shipment(collected, "k")

    assert await shop.connector.find_shipment(collected) == shown


# ---- orders ----


@pytest.mark.parametrize("name", FIXTURE_NAMES)
async def test_an_order_asked_for_is_the_order_that_the_webhook_told(shop: SimulatedShop, name: str) -> None:
    order = await shop.place(name, keep_times=True)

    asked = await shop.connector.fetch_order(str(order["id"]))

    told = order_of(ShopifyOrder.model_validate_json(fixture(name)))
    only_asked = {"tenders": (), "risk": None, "holds": None, "delivery": told.delivery}
    assert told.model_copy(update={"tenders": ()}) == asked.model_copy(update=only_asked)
    assert (told.risk, told.holds) == (None, None)
    assert asked.holds is not None


async def test_an_order_asked_for_tells_every_movement_of_its_money(shop: SimulatedShop) -> None:
    order = await shop.place("partially_refunded")

    asked = await shop.connector.fetch_order(str(order["id"]))

    assert [(tender.kind, tender.amount) for tender in asked.tenders] == [
        ("captured", dollars(6500)),
        ("refunded", dollars(1800)),
    ]


async def test_an_order_with_many_lines_is_read_whole(shop: SimulatedShop) -> None:
    body = json.loads(fixture("one_parcel"))
    line = body["line_items"][0]
    ids = range(1, 91)
    body["line_items"] = [line | {"id": n, "admin_graphql_api_id": f"gid://shopify/LineItem/{n}"} for n in ids]
    order = await shop.control("/shops/alpha/orders", {"body": body})

    asked = await shop.connector.fetch_order(str(order["id"]))

    assert [line.external_id for line in asked.lines] == [str(n) for n in ids]


async def test_the_sweep_pages_through_what_changed(shop: SimulatedShop) -> None:
    for _ in range(30):
        await shop.place("one_parcel", renumber=True)
    since = datetime.now(UTC) - timedelta(minutes=1)

    first = await shop.connector.orders_since(since)
    rest = await shop.connector.orders_since(since, first.cursor)
    later = await shop.connector.orders_since(since + timedelta(minutes=5))

    assert (len(first.listed), first.is_last, len(rest.listed), rest.is_last) == (25, False, 5, True)
    assert later.listed == ()


async def test_a_hold_is_found_through_its_fulfillment_order(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel", hold="INCORRECT_ADDRESS")

    held = await shop.connector.fetch_order(f"gid://shopify/FulfillmentOrder/{order['fulfillment_orders'][0]['id']}")

    assert (held.external_id, held.holds) == (str(order["id"]), ("incorrect_address",))


async def test_a_pickup_names_its_store(shop: SimulatedShop) -> None:
    order = await shop.place("store_pickup")

    asked = await shop.connector.fetch_order(str(order["id"]))

    assert (asked.delivery, asked.pickup_location_external_id) == ("pickup", str(STORE))


async def test_the_last_day_that_shopify_told_the_buyer_is_the_promise(shop: SimulatedShop) -> None:
    body = json.loads(fixture("one_parcel")) | {"promised_until": "2026-12-03T12:00:00Z"}
    order = await shop.control("/shops/alpha/orders", {"body": body})

    asked = await shop.connector.fetch_order(str(order["id"]))

    assert asked.promised_on == date(2026, 12, 3)


async def test_the_worst_judgment_is_the_orders_risk(shop: SimulatedShop) -> None:
    order = await shop.place("fraud_risk", risk="HIGH")

    assert (await shop.connector.fetch_order(str(order["id"]))).risk == "high"


async def test_an_order_that_is_not_there_is_said_so(shop: SimulatedShop) -> None:
    with pytest.raises(NotFoundAtChannelError):
        await shop.connector.fetch_order("1")


# ---- cancel and money ----


async def test_a_cancel_is_waited_for(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")

    shown = await shop.connector.cancel_order(CancelRequest(order_external_id=str(order["id"])), "k")

    assert shown.canceled_at
    assert (await shop.shown(order["id"]))["financial_status"] == "refunded"


async def test_a_second_cancel_is_the_same_cancel(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")
    request = CancelRequest(order_external_id=str(order["id"]), refund=False)
    first = await shop.connector.cancel_order(request, "k")

    assert await shop.connector.cancel_order(request, "k") == first
    assert shop.count("cancel") == 1


async def test_a_shipped_order_cannot_be_canceled(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")
    await shop.connector.report_shipment(notice(order, BERLIN, "TEE-BLK-M"), "k")

    with pytest.raises(RejectedError):
        await shop.connector.cancel_order(CancelRequest(order_external_id=str(order["id"])), "k")


async def test_a_refund_goes_back_in_the_buyers_currency(shop: SimulatedShop) -> None:
    order = await shop.place("two_currencies_jpy")
    yen = Money(amount_minor=1500, currency="JPY")

    shown = await shop.connector.refund(
        PaymentRequest(reference="R1", order_external_id=str(order["id"]), amount=yen), "k"
    )

    assert shown.amount == yen


async def test_units_that_were_not_paid_for_are_taken_out_without_money(shop: SimulatedShop) -> None:
    order = await shop.place("payment_authorized")
    line = order["lines"][0]
    request = PaymentRequest(
        reference="C1", order_external_id=str(order["id"]), amount=dollars(0), lines=((str(line["id"]), 1),)
    )

    shown = await shop.connector.refund(request, "k")

    left = (await shop.shown(order["id"]))["lines"][0]["current_quantity"]
    assert (shown.amount, left) == (dollars(0), line["quantity"] - 1)
    assert await shop.connector.find_refund(request) == shown


async def test_a_refund_is_named_as_the_order_names_its_movement(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")
    request = PaymentRequest(reference="R1", order_external_id=str(order["id"]), amount=dollars(500))

    shown = await shop.connector.refund(request, "k")

    tenders = (await shop.connector.fetch_order(str(order["id"]))).tenders
    assert [tender.external_id for tender in tenders if tender.kind == "refunded"] == [shown.external_id]


async def test_later_tracking_replaces_what_a_parcel_is_shown_with(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")
    first = notice(order, BERLIN, "TEE-BLK-M")
    shown = await shop.connector.report_shipment(first, "k")
    later = first.model_copy(update={"tracking_number": "LATE1", "shown_as": shown.external_id, "version": 2})

    corrected = await shop.connector.report_shipment(later, "k:v2")

    assert (corrected.external_id, corrected.tracking_number) == (shown.external_id, "LATE1")
    assert await shop.connector.find_shipment(later) == corrected
    assert shop.count("fulfillment") == 1


async def test_a_refund_beyond_the_payment_is_rejected(shop: SimulatedShop) -> None:
    order = await shop.place("one_parcel")
    request = PaymentRequest(reference="R1", order_external_id=str(order["id"]), amount=dollars(100_000))

    with pytest.raises(RejectedError):
        await shop.connector.refund(request, "k")

    assert await shop.connector.find_refund(request) is None


async def test_a_capture_builds_on_the_authorization(shop: SimulatedShop) -> None:
    order = await shop.place("payment_authorized")
    request = PaymentRequest(reference="C1", order_external_id=str(order["id"]), amount=dollars(25_400))

    shown = await shop.connector.capture(request, "k")

    assert await shop.connector.find_capture(request) == shown
    assert (await shop.shown(order["id"]))["financial_status"] == "paid"


async def test_a_capture_without_an_authorization_is_rejected(shop: SimulatedShop) -> None:
    order = await shop.place("payment_pending")
    request = PaymentRequest(reference="C1", order_external_id=str(order["id"]), amount=dollars(100))

    with pytest.raises(RejectedError):
        await shop.connector.capture(request, "k")
