"""Signatures over raw bytes, and what each topic means."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import ForgedDeliveryError, UnreadableError
from connectors.kit.webhooks import sign_hmac
from connectors.shopify import webhooks
from domain.money import Money
from domain.news import ErasureNews, OrderChangedNews, PaymentNews, RefundNews, RiskNews, StockNews
from tests.connectors.shopify.contract_files import CONTRACTS, fixture, sample

BODY = b'{"id": 1}'


def headers(secret: str, **more: str) -> dict[str, str]:
    return {"x-shopify-topic": "orders/create", "x-shopify-hmac-sha256": sign_hmac(BODY, secret), **more}


def read_one(topic: str, body: Any) -> Any:
    news = webhooks.read(topic, json.dumps(body).encode())
    assert news
    return news[0]


@pytest.mark.parametrize("secret", ["new", "old"])
def test_either_secret_may_have_signed_during_a_rotation(secret: str) -> None:
    webhooks.verify(webhooks.identify(headers(secret), BODY), ("new", "old"))


@pytest.mark.parametrize(
    "forged", [headers("other"), {"x-shopify-topic": "orders/create"}, headers("new") | {"x-shopify-hmac-sha256": "é"}]
)
def test_anything_else_is_forged(forged: dict[str, str]) -> None:
    with pytest.raises(ForgedDeliveryError):
        webhooks.verify(webhooks.identify(forged, BODY), ("new", "old"))


def test_changed_bytes_are_forged() -> None:
    with pytest.raises(ForgedDeliveryError):
        webhooks.verify(webhooks.identify(headers("new"), BODY + b" "), ("new",))


def test_a_delivery_is_known_by_its_webhook_id() -> None:
    given = {"x-shopify-webhook-id": "w1", "x-shopify-triggered-at": "2026-11-22T09:00:00.5Z"}

    delivery = webhooks.identify(headers("new", **given), BODY)

    assert delivery.event_id == "w1"
    assert delivery.triggered_at == datetime(2026, 11, 22, 9, 0, 0, 500_000, tzinfo=UTC)


def test_a_delivery_without_ids_is_known_by_its_bytes() -> None:
    assert webhooks.identify({}, BODY).event_id == webhooks.identify({}, BODY).event_id


def test_every_official_sample_of_a_known_topic_is_read() -> None:
    found = list((CONTRACTS / "samples" / "webhooks-2026-07").glob("*.json"))
    if not found:
        pytest.skip(f"the official samples are not in {CONTRACTS}")
    topics = {path: path.stem.replace("__", "/") for path in found}

    read = {topic: webhooks.read(topic, path.read_bytes()) for path, topic in topics.items()}

    known = {topic for topic, news in read.items() if news is not None}
    assert known == {topic for topic in topics.values() if topic in {*webhooks.ORDERS, *webhooks.READERS}}
    assert len(known) > 10


def test_an_unknown_topic_is_none() -> None:
    assert webhooks.read("themes/publish", b"{}") is None


def test_an_official_refund_of_unknown_currency_is_told_as_a_change_too() -> None:
    news = webhooks.read("refunds/create", json.dumps(sample("webhooks-2026-07/refunds__create.json")).encode())

    assert news
    assert isinstance(news[0], RefundNews)
    assert isinstance(news[1], OrderChangedNews)


def test_a_refund_tells_what_each_tender_gave_back() -> None:
    refund = json.loads(fixture("partially_refunded"))["refunds"][0]

    news = read_one("refunds/create", refund)

    (moved,) = news.movements
    assert (moved.tender, moved.amount) == ("shopify_payments", Money(amount_minor=1800, currency="USD"))
    assert moved.external_id == str(refund["transactions"][0]["id"])
    assert news.order_external_id == str(refund["order_id"])


DISPUTE = {
    "id": 9, "order_id": 5, "type": "chargeback", "amount": "11.50", "currency": "CAD", "reason": "fraudulent",
    "status": "under_review", "initiated_at": "2026-11-02T10:00:00Z", "finalized_on": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({}, "dispute_opened"),
        ({"status": "won"}, "dispute_won"),
        ({"status": "accepted"}, "dispute_lost"),
        ({"type": "inquiry"}, "inquiry_opened"),
        ({"type": "inquiry", "status": "lost"}, "inquiry_closed"),
    ],
)
def test_a_dispute_names_its_order_and_what_the_bank_took(told: dict[str, str], kind: str) -> None:
    news = read_one("disputes/update", DISPUTE | told)

    assert isinstance(news, PaymentNews)
    assert (news.order_external_id, news.kind, news.external_id) == ("5", kind, "9")
    assert news.amount == Money(amount_minor=1150, currency="CAD")


@pytest.mark.parametrize("status", ["prevented", "charge_refunded"])
def test_a_dispute_that_moves_no_money_of_its_own_says_nothing(status: str) -> None:
    assert webhooks.read("disputes/update", json.dumps(DISPUTE | {"status": status}).encode()) == ()


@pytest.mark.parametrize("topic", ["fulfillment_orders/placed_on_hold", "fulfillment_orders/hold_released"])
def test_a_hold_asks_for_the_order_of_its_fulfillment_order(topic: str) -> None:
    news = read_one(topic, sample(f"webhooks-2026-07/{topic.replace('/', '__')}.json"))

    assert isinstance(news, OrderChangedNews)
    assert news.order_external_id == "gid://shopify/FulfillmentOrder/1"


def test_a_risk_names_its_order() -> None:
    news = read_one("orders/risk_assessment_changed", {"order_id": 5, "risk_level": "HIGH", "created_at": None})

    assert isinstance(news, RiskNews)
    assert (news.order_external_id, news.risk) == ("5", "high")


def test_a_stock_level_is_known_by_its_exact_item() -> None:
    news = read_one("inventory_levels/update", sample("webhooks-2026-07/inventory_levels__update.json"))

    assert isinstance(news, StockNews)
    assert (news.item_external_id, news.location_external_id, news.available) == ("271878346596884015", "24826418", 10)


def test_a_wish_to_be_forgotten_names_person_and_orders() -> None:
    body = {"customer": {"id": 7, "email": "maya.holloway@example.com"}, "orders_to_redact": [1, 2]}

    news = read_one("customers/redact", body)

    assert isinstance(news, ErasureNews)
    assert (news.buyer_external_id, news.order_external_ids) == ("7", ("1", "2"))


def test_an_edit_asks_for_the_order() -> None:
    news = read_one("orders/edited", {"order_edit": {"order_id": 9, "committed_at": "2026-11-22T09:00:00Z"}})

    assert isinstance(news, OrderChangedNews)
    assert news.order_external_id == "9"


def test_a_pickup_whose_store_is_not_named_asks_for_the_order() -> None:
    body = json.loads(fixture("store_pickup")) | {"location_id": None}

    news = webhooks.read("orders/create", json.dumps(body).encode())

    assert news
    assert [part.about for part in news] == ["order", "order_changed"]


@pytest.mark.parametrize("body", [b"", b"{not json", b"[]", b"null", b'{"line_items": 3}'])
def test_bytes_that_are_no_order_are_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        webhooks.read("orders/create", body)
