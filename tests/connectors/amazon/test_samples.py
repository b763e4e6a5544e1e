"""Amazon's own samples: every order and notification is read, and the simulator's notifications fit their schemas."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from connectors.amazon import notifications
from connectors.amazon.mapping import order_of
from connectors.amazon.schemas import AmazonListing, AmazonOrder
from connectors.errors import UnreadableError
from tests.connectors.amazon.conftest import Seller
from tests.connectors.amazon.official import NOTIFICATIONS, SAMPLES, needs_contract
from tests.connectors.amazon.subject import ADDRESS, ORDER

ORDERS = sorted((SAMPLES / "orders_2026-01-01").glob("*.json"))
NOTICES = sorted((SAMPLES / "notifications").glob("*.json"))


def orders_in(file: Path) -> list[AmazonOrder]:
    answer = json.loads(file.read_text())["response"]
    return [AmazonOrder.model_validate(each) for each in answer.get("orders") or [answer["order"]]]


@needs_contract
@pytest.mark.parametrize("file", ORDERS, ids=lambda file: file.stem)
def test_every_sample_order_is_read_or_names_what_is_missing(file: Path):
    for amazon in orders_in(file):
        is_priced = amazon.proceeds or any(item.product.price for item in amazon.order_items)
        if is_priced:
            assert len(order_of(amazon).lines) == len(amazon.order_items)
        else:
            with pytest.raises(UnreadableError, match="price"):
                order_of(amazon)


@needs_contract
def test_a_sample_order_is_read_to_the_cent():
    (amazon,) = orders_in(SAMPLES / "orders_2026-01-01/getOrder_200_example.json")

    order = order_of(amazon)

    assert (order.total.shop.amount_minor, order.shipping.shop.amount_minor, order.tax.shop.amount_minor) == (
        10397, 1000, 400,
    )  # fmt: skip
    assert order.shipped_externally == (("20212345678901", 3),)


@needs_contract
@pytest.mark.parametrize("file", NOTICES, ids=lambda file: file.stem)
def test_every_sample_notification_is_kept_and_read_or_passed_over(file: Path):
    body = file.read_bytes()

    delivery = notifications.delivery_of(body)
    news = notifications.read(delivery.topic, body)

    if delivery.topic in notifications.KINDS:
        assert news
        assert {one.about for one in news} <= {"order_changed", "stock"}
    else:
        assert news is None


@needs_contract
def test_the_sample_listing_is_read():
    answer = json.loads((SAMPLES / "listingsItems_2021-08-01/getListingsItem_200_example.json").read_text())

    listing = AmazonListing.model_validate(answer["response"])

    assert (listing.sku, listing.fulfillment_availability[0].quantity) == ("GM-ZDPI-9B4E", 100)


@needs_contract
async def test_the_simulated_order_notification_fits_its_schema(seller: Seller):
    await seller.connector.subscribe(ADDRESS)
    await seller.control(f"orders/{ORDER}/cancel")
    (waiting,) = await seller.connector.waiting_deliveries()
    schema = json.loads((NOTIFICATIONS / "OrderChangeNotification.json").read_text())

    errors = [error.message for error in Draft7Validator(schema).iter_errors(json.loads(waiting.delivery.body))]

    assert errors == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"NotificationType": 7}', b'{"NotificationType": "ORDER_CHANGE"}'])
def test_a_notification_that_cannot_be_read_names_the_field(body: bytes):
    with pytest.raises(UnreadableError) as named:
        notifications.read("ORDER_CHANGE", body)

    assert named.value.field
