"""Returns over the API: opened, refused with reasons, decided, received, inspected; the policy; the buyer's page."""

import pytest

from db import connections
from db.intake import take_order
from db.reports import record_report
from domain.fulfillment import FulfillmentReport
from tests.db import world


@pytest.fixture
def order(hub):
    """Three T-shirts and a mug that have reached their buyer."""

    def work(tx):
        world.found(tx)
        world.stock(tx, "TEE", 5)
        world.stock(tx, "MUG", 5)
        placed = world.channel_order(1, TEE=3, MUG=1)
        order_id = take_order(tx, hub.vault, connections.load(tx, "web"), placed, world.NOW, "test").order_id
        for f_id in world.route(tx, order_id):
            report = FulfillmentReport(key="shipped", kind="shipped", reference=f_id, at=world.NOW)
            record_report(tx, report, connection_id="store", source="test", now=world.NOW)
        return order_id

    return hub.database.write_now(work)


def wish(order: str, line: str = "L1", quantity: int = 1, **more):
    return {"order_id": order, "method": "in_store", "lines": [{"line_id": line, "quantity": quantity}], **more}


async def open_one(clients, order: str, **more) -> str:
    answer = await clients.operations.post("/returns", json=wish(order, override="a test of long ago", **more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["return_id"])


BAD = [
    ({"lines": [{"line_id": "L1", "quantity": 4}]}, 422, "not_returnable", "3 shipped"),
    ({"lines": [{"line_id": "L9", "quantity": 1}]}, 422, "not_returnable", "no line L9"),
    ({"lines": []}, 422, "invalid_request", "lines"),
    ({"lines": [{"line_id": "L1", "quantity": 0}]}, 422, "invalid_request", "quantity"),
    ({"order_id": "nobody-1"}, 404, "unknown_order", "no order nobody-1"),
    ({"location_id": "nowhere"}, 404, "unknown_location", "nowhere"),
    ({"method": "pigeon"}, 422, "invalid_request", "method"),
]


@pytest.mark.parametrize(("change", "status", "code", "words"), BAD, ids=lambda value: str(value)[:40])
async def test_bad_input_names_the_field_and_changes_nothing(clients, order, change, status, code, words):
    answer = await clients.support.post("/returns", json=wish(order) | change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert words in answer.text
    assert (await clients.viewer.get("/returns")).json() == []


async def test_after_the_window_only_operations_override(clients, order):
    """The world's orders are of long ago."""
    late = await clients.support.post("/returns", json=wish(order))
    refused = await clients.support.post("/returns", json=wish(order, override="please"))
    check = await clients.viewer.post("/returns/check", json={"order_id": order, "lines": wish(order)["lines"]})

    if late.status_code == 422:  # the calendar has moved past the window of the world's order
        assert "window" in late.json()["detail"]
        assert check.json()["verdicts"][0]["refusals"][0]["code"] == "window_closed"
    assert refused.status_code == 403
    assert await open_one(clients, order)


async def test_more_fewer_and_other_units_are_recorded_as_they_come(clients, order):
    rma = await open_one(clients, order, quantity=1)
    came = {"key": "1", "location_id": "berlin", "item_id": "TEE", "quantity": 2}
    twice = [await clients.support.post(f"/store/returns/{rma}/receive", json=came) for _ in range(2)]
    other = await clients.support.post(f"/store/returns/{rma}/receive", json=came | {"key": "2", "item_id": "MUG"})
    shown = (await clients.viewer.get(f"/returns/{rma}")).json()

    assert [answer.status_code for answer in (*twice, other)] == [200] * 3
    assert [(e["kind"], e["line_id"], e["item_id"], e["quantity"]) for e in shown["goods"] if e["kind"] == "received"] == [
        ("received", "L1", "TEE", 2), ("received", "", "MUG", 2),
    ]  # fmt: skip
    assert shown["lines"][0]["authorized"] == 1


async def test_what_was_not_received_cannot_be_inspected(clients, order):
    rma = await open_one(clients, order)
    seen = {"key": "1", "line_id": "L1", "item_id": "TEE", "quantity": 1, "grade": "new"}
    nothing = await clients.support.post(f"/store/returns/{rma}/inspect", json=seen)
    came = {"key": "1", "location_id": "berlin", "item_id": "TEE", "quantity": 1}
    await clients.support.post(f"/store/returns/{rma}/receive", json=came)
    done = await clients.support.post(f"/store/returns/{rma}/inspect", json=seen)
    again = await clients.support.post(f"/store/returns/{rma}/inspect", json=seen | {"key": "2"})

    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_received")
    assert done.json() == {"disposition": "restock"}
    assert (again.status_code, again.json()["code"]) == (409, "too_many")


async def test_decisions_are_on_the_audit_log_with_their_reason(clients, order):
    rma = await open_one(clients, order)
    answer = await clients.operations.post(f"/returns/{rma}/override", json={"reason": "best customer", "keep": True})
    rows = (await clients.admin.get("/audit", params={"target": rma})).json()

    assert answer.status_code == 200
    assert "best customer" in str(rows)
    assert (await clients.support.post(f"/returns/{rma}/override", json={"reason": "x"})).status_code == 403


async def test_a_policy_is_checked_stored_and_put_in_force(clients):
    body = {
        "version": "2",
        "rules": [
            {"name": "base", "values": {"window_days": 14}},
            {"name": "eu", "market": "eu", "values": {"window_days": 30}},
        ],
    }
    stored = (await clients.operations.put("/return-policies/2", json=body)).json()
    await clients.operations.post("/return-policies/2/activate")
    effective = (await clients.viewer.get("/return-policies/effective", params={"market": "eu"})).json()
    other = await clients.operations.put("/return-policies/2", json=body | {"timezone": "Europe/Berlin"})

    assert [finding["kind"] for finding in stored["findings"]] == ["gap"]
    assert (effective["terms"]["window_days"], effective["why"]["window_days"]["rule"]) == (30, "eu")
    assert (other.status_code, other.json()["code"]) == (409, "version_taken")


async def test_the_buyer_s_page_needs_its_own_address(clients, order, hub):
    path = (await clients.support.get(f"/orders/{order}/return-page")).json()["path"]
    page = await clients.nobody.get(path)
    forged = await clients.nobody.get(path[:-1] + ("0" if path[-1] != "0" else "1"))

    assert page.status_code == 200
    assert [line["line_id"] for line in page.json()["lines"]] == ["L1", "L2"]
    assert "Ada" not in page.text
    assert forged.status_code == 404


async def test_a_counter_finds_an_order_by_number_mail_and_receipt(clients, order):
    found = [
        (await clients.support.get("/returns/lookup", params={"q": text})).json()
        for text in ("#1", "ada1@example.com", "1", "nobody@example.com")
    ]

    assert [[each["order_id"] for each in one] for one in found] == [[order], [order], [order], []]


async def test_reports_count_reasons_and_rates(clients, order):
    await open_one(clients, order, quantity=2)
    reasons = (await clients.viewer.get("/returns/reasons")).json()
    rates = (await clients.viewer.get("/returns/rates")).json()

    assert reasons == [{"sku": "TEE", "connection_id": "web", "reason": "other", "units": 2}]
    assert rates == [{"connection_id": "web", "shipped": 4, "announced": 2, "paid": 0, "rate": 0.5}]
