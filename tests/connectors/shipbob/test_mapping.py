"""Golden files: what the hub says in ShipBob's words, and what ShipBob says in the hub's."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import UnreadableError
from connectors.shipbob import mapping, refusals, webhooks
from connectors.shipbob.schemas import ShipBobCancel, ShipBobOrder, ShipBobShipment
from domain.fulfillment import FulfillmentRequest
from domain.news import FulfillmentNews
from tests.connectors.official import contract
from tests.connectors.shipbob.conftest import fulfillment_request
from tests.connectors.shipbob.openapi import NAME, needs_contract

GOLDEN = Path(__file__).parent / "golden"
PARCELS = sorted(path.stem for path in GOLDEN.glob("parcel-*.json"))


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["request-full", "request-bare"])
def test_a_request_becomes_an_order(name):
    case = golden(name)

    body = mapping.order_body(FulfillmentRequest.model_validate(case["request"]), "Standard")

    assert body == case["body"]


@needs_contract
@pytest.mark.parametrize("name", ["request-full", "request-bare"])
def test_an_order_body_holds_to_the_official_contract(name):
    schema = {"$ref": "#/components/schemas/Orders.CreateOrderModel"}

    assert contract(NAME).complaints(schema, golden(name)["body"]) == []


@pytest.mark.parametrize("name", PARCELS)
def test_a_parcel_becomes_reports(name):
    case = golden(name)

    reports = mapping.shipment_reports(ShipBobShipment.model_validate(case["shipment"]))

    assert [report.model_dump(mode="json") for report in reports] == case["reports"]


@needs_contract
@pytest.mark.parametrize("name", PARCELS)
def test_the_golden_parcels_hold_to_the_official_contract(name):
    schema = {"$ref": "#/components/schemas/Orders.ShipmentViewModel"}

    assert contract(NAME).complaints(schema, golden(name)["shipment"]) == []


@pytest.mark.parametrize("name", PARCELS)
def test_a_webhook_says_the_same_as_a_poll(name):
    case = golden(name)
    body = json.dumps({"data": case["shipment"]}).encode()
    order = {"id": 1000001, "created_date": "2026-11-22T09:31:00Z", "shipments": [case["shipment"]]}

    news = webhooks.read("order.shipped", body) or ()
    polled = mapping.order_reports(ShipBobOrder.model_validate(order))

    assert [one.report for one in news if isinstance(one, FulfillmentNews)] == [
        report for report in polled if report.kind != "accepted"
    ]


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        ("Success", "confirmed", ""),
        ("Failure", "refused", "too_late"),
        ("PartialSuccess", "refused", "partly_canceled"),
        ("Whatever", "refused", "too_late"),
    ],
)
def test_only_a_whole_success_confirms_a_recall(status, answer, reason):
    found = mapping.recall_answer(ShipBobCancel(status=status))

    assert (found.answer, found.reason) == (answer, reason)


def test_a_bundle_counts_once_and_lots_add_up():
    bundle = [{"id": 1, "quantity": 2}, {"id": 2, "quantity": 4}]
    lots = [{"id": 1, "quantity": 2}, {"id": 1, "quantity": 3}]
    products = [{"reference_id": "SET", "inventory_items": bundle}, {"sku": "TEA", "inventory_items": lots}]
    shipment = golden("parcel-shipped")["shipment"] | {"products": products}

    (report, *_) = mapping.shipment_reports(ShipBobShipment.model_validate(shipment))

    assert report.shipment is not None
    assert [(line.sku, line.quantity) for line in report.shipment.lines] == [("SET", 2), ("TEA", 5)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"reference_id": ["taken"]}', [("", "reference_id")]),
        (b'{"Products[1].Quantity": ["must be positive"]}', [("1", "Quantity")]),
        (b'{"Ada Example lives at 1 Test St": ["x"]}', [("", "unspecified")]),
        (b'{"statusCode": 422}', []),
        (b"[]", []),
        (b"<html>", []),
        (b"[" * 100_000, []),
    ],
)
def test_a_refusal_is_read_by_field_and_never_by_sentence(body, expected):
    assert [(reason.item, reason.code) for reason in refusals.reasons(body)] == expected


def test_a_reason_for_a_product_that_we_did_not_send_is_kept():
    reasons = refusals.reasons(b'{"products[9].quantity": ["x"]}')

    assert refusals.by_line(reasons, fulfillment_request()) == reasons


def test_a_topic_that_is_not_read_is_unknown():
    assert webhooks.read("billing.charge.created", b"{}") is None


@pytest.mark.parametrize("missing", ["id", "order_id", "created_date"])
def test_an_unreadable_webhook_names_the_field(missing):
    shipment = golden("parcel-shipped")["shipment"]
    del shipment[missing]

    with pytest.raises(UnreadableError) as caught:
        webhooks.read("order.shipped", json.dumps(shipment).encode())

    assert caught.value.field == missing
