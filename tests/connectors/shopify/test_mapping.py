"""Webhook bodies become the hub's orders: our fixtures by golden files, all official samples without a complaint."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import UnreadableError
from connectors.shopify import webhooks
from connectors.shopify.mapping import Marks, order_of
from connectors.shopify.schemas import ShopifyOrder
from domain.channel_order import ChannelOrder
from domain.money import Money
from domain.news import OrderNews
from tests.connectors.shopify.contract_files import FIXTURE_NAMES, ORDER_TOPICS, fixture, sample

GOLDEN = Path(__file__).parent / "golden"
REST_ORDERS = ("order_fulfilled_on_create", "order_partially_paid_ship_to_CA", "order_pending_no_address")


def mapped(name: str) -> ChannelOrder:
    return order_of(ShopifyOrder.model_validate_json(fixture(name)))


def changed(name: str, **fields: Any) -> ChannelOrder:
    return order_of(ShopifyOrder.model_validate(json.loads(fixture(name)) | fields))


@pytest.mark.parametrize("name", FIXTURE_NAMES)
def test_a_fixture_maps_to_its_golden_file(name: str) -> None:
    """GOLDEN=write renews the files; read the difference before it is committed."""
    golden = GOLDEN / f"{name}.json"
    shown = mapped(name).model_dump_json(indent=1, exclude_defaults=True) + "\n"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")

    assert shown == golden.read_text(encoding="utf-8")


def test_a_noted_day_is_the_promise_and_a_tag_keeps_the_order_together() -> None:
    noted = [{"name": "Delivery_Date", "value": "2026-12-01"}, {"name": "gift", "value": "yes"}]

    order = changed("one_parcel", note_attributes=noted, tags="vip, Ship-Complete")

    assert (order.promised_on, order.ship_complete) == (date(2026, 12, 1), True)


@pytest.mark.parametrize("value", ["soon", "", None])
def test_a_note_that_is_no_day_promises_nothing(value: str | None) -> None:
    order = changed("one_parcel", note_attributes=[{"name": "delivery_date", "value": value}])

    assert (order.promised_on, order.ship_complete) == (None, False)


def test_a_shop_names_its_own_attribute_and_tag() -> None:
    body = json.loads(fixture("one_parcel")) | {
        "note_attributes": [{"name": "by", "value": "2026-12-01"}],
        "tags": "all",
    }

    order = order_of(ShopifyOrder.model_validate(body), Marks("by", "all"))

    assert (order.promised_on, order.ship_complete) == (date(2026, 12, 1), True)


@pytest.mark.parametrize("topic", ORDER_TOPICS)
def test_an_official_order_webhook_is_read(topic: str) -> None:
    news = webhooks.read(f"orders/{topic}", json.dumps(sample(f"webhooks-2026-07/orders__{topic}.json")).encode())

    assert news
    assert isinstance(news[0], OrderNews)
    assert news[0].order.external_id == "820982911946154508"  # not …500: the numeric id is rounded, the global is not
    assert news[0].order.total.shop == Money(amount_minor=40495, currency="USD")


@pytest.mark.parametrize("name", REST_ORDERS)
def test_an_official_rest_order_is_read(name: str) -> None:
    body = sample(f"rest-2026-07/{name}.json")

    order = order_of(ShopifyOrder.model_validate(body.get("order", body)))

    assert order.lines


def test_yen_have_no_cents() -> None:
    assert mapped("two_currencies_jpy").total.presentment == Money(amount_minor=9225, currency="JPY")
    assert mapped("two_currencies_jpy").total.shop == Money(amount_minor=6150, currency="USD")


def test_an_unpaid_status_that_is_missing_counts_as_pending() -> None:
    assert changed("one_parcel", financial_status=None).financial == "pending"


def test_a_shipment_counts_as_sent_unless_it_was_canceled() -> None:
    line = json.loads(fixture("one_parcel"))["line_items"][0]
    parcel = {"id": 1, "status": "success", "line_items": [line]}

    sent = changed("one_parcel", fulfillments=[parcel, parcel | {"status": "cancelled"}])

    assert sent.shipped_externally == ((str(line["id"]), 1),)


def test_an_unknown_currency_is_named() -> None:
    with pytest.raises(UnreadableError) as refusal:
        changed("one_parcel", currency="QQQ", total_tax_set=None)

    assert refusal.value.field == "unknown_currency"


@pytest.mark.parametrize("field", ["line_items", "created_at", "currency"])
def test_a_body_without_what_an_order_needs_is_unreadable(field: str) -> None:
    body = json.loads(fixture("one_parcel"))
    del body[field]

    with pytest.raises(UnreadableError) as refusal:
        webhooks.read("orders/create", json.dumps(body).encode())

    assert refusal.value.field == field


def test_an_error_repeats_nothing_of_what_was_sent() -> None:
    body = json.loads(fixture("one_parcel")) | {"created_at": "maya.holloway@example.com"}

    with pytest.raises(UnreadableError) as refusal:
        webhooks.read("orders/create", json.dumps(body).encode())

    assert "holloway" not in f"{refusal.value.merchant}{refusal.value.engineer}"
