"""Orders from WooCommerce: read, swept without gaps, canceled, and shown their parcels."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import CancelRequest, ShipmentNotice
from connectors.errors import OutcomeUnknownError, RejectedError, UnreadableError
from connectors.woocommerce.mapping import order_of
from connectors.woocommerce.order_schemas import WooOrder
from sandbox.faults import FaultKind
from sandbox.woocommerce import orders
from tests.connectors.woocommerce.official import needs_contract, sample
from tests.connectors.woocommerce.shop import World, euro

START = datetime(2026, 1, 1, tzinfo=UTC)


async def buy(world: World, lines: dict[str, int], **changes: Any) -> dict[str, Any]:
    answer = await world.control.post("/shops/alpha/orders", json={"lines": lines, "changes": changes})
    found: dict[str, Any] = answer.json()
    return found


def notice(order: dict[str, Any], units: int, reference: str = "S1", tracking: str = "JD0001") -> ShipmentNotice:
    line = str(order["line_items"][0]["id"])
    return ShipmentNotice(
        reference=reference, order_external_id=str(order["id"]), carrier="DHL", tracking_number=tracking,
        tracking_url=f"https://track.example/{tracking}", lines=((line, units),),
    )  # fmt: skip


def read(name: str, **changes: Any) -> Any:
    return order_of(WooOrder.model_validate(sample(name) | changes))


async def test_an_order_is_read_whole(world):
    placed = await buy(world, {"TEA": 2, "TEE-S": 1})
    order = await world.connector.fetch_order(str(placed["id"]))

    assert (order.financial, order.delivery, order.service) == ("paid", "ship", "Flat rate")
    assert [(line.sku, line.quantity, line.unit_price.shop) for line in order.lines] == [
        ("TEA", 2, euro(499)), ("TEE-S", 1, euro(1990)),
    ]  # fmt: skip
    assert order.total.shop == euro(4139)
    assert order.shipping.shop == euro(490)
    assert order.ship_to is not None
    assert (order.ship_to.name, order.ship_to.city, order.ship_to.country) == ("Ada Example", "Hamburg", "DE")
    assert [(tender.kind, tender.amount) for tender in order.tenders] == [("captured", euro(4139))]


@needs_contract
@pytest.mark.parametrize(
    "name", ["docs/order_create_response.json", "docs/order_updated.json", "fixtures/order-fully-refunded.json",
             "fixtures/order-with-charge.json", "fixtures/order-with-attribution-info.json",
             "fixtures/order-with-composite-product.json", "fixtures/order-with-line-item-attributes.json"],
)  # fmt: skip
def test_official_samples_are_read(name):
    order = read(name)

    assert order.external_id
    assert order.total.shop.currency in {"USD", "EUR", "GBP"}


@needs_contract
def test_no_cent_of_a_line_is_lost_to_its_price():
    """Three for ten: the price is rounded up, the discount takes the rest."""
    body = sample("docs/order_create_response.json")
    body["line_items"][0] |= {"quantity": 3, "subtotal": "10.00", "total": "9.00"}
    line = order_of(WooOrder.model_validate(body)).lines[0]

    assert line.unit_price.shop.amount_minor == 334
    assert 3 * line.unit_price.shop.amount_minor - line.discount.shop.amount_minor == 900


@needs_contract
def test_half_a_unit_is_named():
    with pytest.raises(ValueError, match="quantity"):
        read("fixtures/order.json")


@needs_contract
def test_names_are_shown_without_markup():
    assert read("docs/order_create_response.json").lines[1].title == "Ship Your Idea – Color: Black, Size: M Test"


@needs_contract
@pytest.mark.parametrize(
    ("status", "paid", "financial"),
    [
        ("pending", None, "pending"),
        ("on-hold", None, "pending"),
        ("failed", None, "pending"),
        ("processing", None, "authorized"),  # cash on delivery: to be sent, not paid
        ("processing", "2026-11-01T10:00:00", "paid"),
        ("completed", "2026-11-01T10:00:00", "paid"),
        ("cancelled", None, "voided"),
        ("refunded", "2026-11-01T10:00:00", "refunded"),
        ("awaiting-parts", "2026-11-01T10:00:00", "paid"),  # a plugin's own status
        ("awaiting-parts", None, "pending"),
    ],
)
def test_one_status_for_money_and_goods_is_told_apart(status, paid, financial):
    order = read("docs/order_create_response.json", status=status, date_paid_gmt=paid)

    assert order.financial == financial
    assert (order.canceled_at is not None) == (status == "cancelled")
    assert bool(order.shipped_externally) == (status == "completed")


@needs_contract
def test_an_order_that_the_staff_hold_back_is_held():
    order = read("docs/order_create_response.json", status="on-hold")

    assert (order.financial, order.holds) == ("paid", ("on_hold",))


@needs_contract
@pytest.mark.parametrize(
    ("line", "delivery", "place"),
    [
        ({"method_id": "local_pickup"}, "pickup", "shop"),
        ({"method_id": "pickup_location", "instance_id": "2"}, "pickup", "pickup_location:2"),
        ({"method_id": "flat_rate"}, "ship", ""),
    ],
)
def test_pickup_is_told_by_the_shipping_method(line, delivery, place):
    order = read("docs/order_create_response.json", shipping_lines=[line])

    assert (order.delivery, order.pickup_location_external_id) == (delivery, place)


@needs_contract
def test_the_billing_address_stands_in_for_an_empty_shipping_address():
    body = sample("docs/order_create_response.json")
    order = order_of(WooOrder.model_validate(body | {"shipping": dict.fromkeys(body["shipping"], "")}))

    assert order.ship_to is not None
    assert order.ship_to.city == "San Francisco"


@needs_contract
def test_an_unknown_currency_is_named():
    with pytest.raises(UnreadableError) as caught:
        read("docs/order_create_response.json", currency="ABC")

    assert caught.value.field == "unknown_currency"


async def test_refunded_units_are_not_to_be_sent(world):
    placed = await buy(world, {"TEA": 3})
    line = placed["line_items"][0]["id"]
    refund = {"amount": "4.99", "lines": {line: 1}}
    await world.control.post(f"/shops/alpha/orders/{placed['id']}/refund", json=refund)
    order = await world.connector.fetch_order(str(placed["id"]))

    assert order.financial == "partially_refunded"
    assert (order.lines[0].quantity, order.lines[0].current_quantity) == (3, 2)
    assert [(tender.kind, tender.amount) for tender in order.tenders][1:] == [("refunded", euro(499))]


async def test_a_sweep_finds_every_order_though_many_changed_in_one_second(world):
    for number in range(230):
        body = orders.bought(world.shop, {"TEA": 1}, id=1000 + number)
        body["date_modified_gmt"] = "2026-11-01T10:00:00" if number < 210 else "2026-11-01T10:00:01"
        orders.place(world.shop, body)
    seen: set[str] = set()
    cursor, is_last, pages = "", False, 0
    while not is_last:
        page = await world.connector.orders_since(START, cursor)
        seen |= {order.external_id for order in page.orders}
        cursor, is_last, pages = page.cursor, page.is_last, pages + 1

    assert len(seen) == 230
    assert pages <= 4


async def test_an_order_that_changes_during_a_sweep_makes_no_other_be_skipped(world):
    for number in range(150):
        body = orders.bought(world.shop, {"TEA": 1}, id=1000 + number)
        body["date_modified_gmt"] = (datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S")  # fmt: skip
        orders.place(world.shop, body)
    first = await world.connector.orders_since(START)
    orders.change(world.shop, world.shop.orders[1000], {"status": "completed"})
    second = await world.connector.orders_since(START, first.cursor)

    seen = {order.external_id for order in (*first.orders, *second.orders)}
    assert seen == {str(1000 + number) for number in range(150)}


async def test_one_order_that_cannot_be_read_stops_no_other(world):
    good = await buy(world, {"TEA": 1})
    bad = await buy(world, {"TEA": 1})
    world.shop.orders[bad["id"]]["line_items"][0]["quantity"] = 1.5
    page = await world.connector.orders_since(START)

    assert [order.external_id for order in page.orders] == [str(good["id"])]
    assert page.unreadable == (str(bad["id"]),)


async def test_carts_are_no_orders(world):
    await buy(world, {"TEA": 1}, status="checkout-draft")

    assert (await world.connector.orders_since(START)).orders == ()


async def test_a_parcel_is_mailed_once_and_the_order_completed_with_the_last(world):
    placed = await buy(world, {"TEA": 2})
    path = f"/shops/alpha/orders/{placed['id']}"
    await world.connector.report_shipment(notice(placed, 1, "S1", "JD1"), "S1")
    after_one = (await world.control.get(path)).json()
    await world.connector.report_shipment(notice(placed, 1, "S2", "JD2"), "S2")
    await world.connector.report_shipment(notice(placed, 1, "S2", "JD2"), "S2")
    after_two = (await world.control.get(path)).json()

    assert (after_one["status"], after_two["status"]) == ("processing", "completed")
    assert [note["note"].split(",")[1].split(".")[0].strip() for note in after_two["notes"]] == [
        "tracking number JD1", "tracking number JD2",
    ]  # fmt: skip
    assert all(note["customer_note"] for note in after_two["notes"])


async def test_two_parcels_that_are_reported_at_once_complete_the_order(world):
    """Each is put in when neither could see the other's record."""
    placed = await buy(world, {"TEA": 2})
    other = world.connector._shipping

    seen = await world.connector.fetch_order(str(placed["id"]))
    assert seen.lines[0].quantity == 2
    orders.change(world.shop, world.shop.orders[placed["id"]], {})
    real = other._client.put

    async def meanwhile(path: str, shape: Any, body: Any) -> Any:
        other._client.put = real
        await world.connector.report_shipment(notice(placed, 1, "S2", "JD2"), "S2")
        return await real(path, shape, body)

    other._client.put = meanwhile
    await world.connector.report_shipment(notice(placed, 1, "S1", "JD1"), "S1")

    assert world.shop.orders[placed["id"]]["status"] == "completed"


async def test_a_note_whose_answer_is_lost_is_not_mailed_again(world):
    placed = await buy(world, {"TEA": 1})
    world.strike(FaultKind.COMMIT_THEN_DROP, "notes.create")
    with pytest.raises(OutcomeUnknownError):
        await world.connector.report_shipment(notice(placed, 1), "S1")
    assert await world.connector.find_shipment(notice(placed, 1)) is None
    await world.connector.report_shipment(notice(placed, 1), "S1")

    assert world.count("note") == 1
    assert (await world.connector.find_shipment(notice(placed, 1))) is not None


async def test_a_cancel_gives_the_money_back_first(world):
    placed = await buy(world, {"TEA": 1})
    request = CancelRequest(order_external_id=str(placed["id"]), reason="inventory")
    await world.connector.cancel_order(request, "X1")
    await world.connector.cancel_order(request, "X1")

    assert world.shop.orders[placed["id"]]["status"] == "cancelled"
    assert world.shop.committed["refunded_minor"][str(placed["id"])] == round(float(placed["total"]) * 100)
    assert world.count("refund") == 1


async def test_an_order_whose_gateway_cannot_refund_is_not_canceled(world):
    placed = await buy(world, {"TEA": 1}, payment_method="bacs")
    request = CancelRequest(order_external_id=str(placed["id"]))
    with pytest.raises(RejectedError) as caught:
        await world.connector.cancel_order(request, "X1")

    assert caught.value.reasons[0].code == "woocommerce_rest_cannot_create_order_refund"
    assert await world.connector.find_cancel(request) is None


async def test_an_unpaid_order_is_canceled_without_a_refund(world):
    placed = await buy(world, {"TEA": 1}, status="pending", date_paid_gmt=None)
    await world.connector.cancel_order(CancelRequest(order_external_id=str(placed["id"])), "X1")

    assert world.shop.orders[placed["id"]]["status"] == "cancelled"
    assert world.count("refund") == 0


@needs_contract
async def test_every_call_about_orders_is_in_the_official_contract(world):
    placed = await buy(world, {"TEA": 1})
    await world.connector.orders_since(START)
    await world.connector.report_shipment(notice(placed, 1), "S1")
    await world.connector.cancel_order(CancelRequest(order_external_id=str(placed["id"])), "X1")

    assert world.official.seen == {
        "GET /wp-json/wc/vN/orders",
        "GET /wp-json/wc/vN/orders/N",
        "PUT /wp-json/wc/vN/orders/N",
        "GET /wp-json/wc/vN/orders/N/notes",
        "POST /wp-json/wc/vN/orders/N/notes",
        "GET /wp-json/wc/vN/orders/N/refunds",
        "POST /wp-json/wc/vN/orders/N/refunds",
    }
