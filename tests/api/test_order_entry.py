"""Orders by phone: made once, whatever the line does."""

import asyncio
from types import SimpleNamespace

from sqlalchemy import func, select

from db.order_reading import ORDERS
from runtime.wiring import Hub
from tests.api.conftest import order_body


async def test_fifty_parallel_copies_make_one_order_and_get_the_same_bytes(clients: SimpleNamespace, hub: Hub) -> None:
    send = [
        clients.support.post("/orders", json=order_body(), headers={"Idempotency-Key": "call-7"}) for _ in range(50)
    ]

    answers = await asyncio.gather(*send)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert hub.database.read_now(lambda tx: tx.execute(select(func.count()).select_from(ORDERS)).scalar()) == 1


async def test_the_same_key_with_another_body_is_a_conflict(clients: SimpleNamespace) -> None:
    headers = {"Idempotency-Key": "call-7"}
    await clients.support.post("/orders", json=order_body(), headers=headers)

    answer = await clients.support.post("/orders", json=order_body(currency="USD"), headers=headers)

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"


async def test_a_refused_order_leaves_its_key_free(clients: SimpleNamespace) -> None:
    headers = {"Idempotency-Key": "call-7"}
    refused = await clients.support.post("/orders", json=order_body(currency="ZZZ"), headers=headers)

    made = await clients.support.post("/orders", json=order_body(), headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_currency")
    assert made.status_code == 201


async def test_a_reference_is_used_once(clients: SimpleNamespace) -> None:
    body = order_body(reference="PO-1")
    await clients.support.post("/orders", json=body, headers={"Idempotency-Key": "a"})

    again = await clients.support.post("/orders", json=body, headers={"Idempotency-Key": "b"})

    assert (again.status_code, again.json()["code"]) == (409, "reference_taken")


async def test_names_every_wrong_field_and_repeats_nothing_of_the_person(clients: SimpleNamespace) -> None:
    body = order_body(lines=[{"sku": "TEA-1", "quantity": -1}], buyer={"email": "not an address"}, colour="red")

    answer = await clients.support.post("/orders", json=body, headers={"Idempotency-Key": "k"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    named = {error["field"] for error in answer.json()["errors"]}
    assert named == {"body.lines.0.quantity", "body.buyer.email", "body.colour"}
    assert "not an address" not in answer.text


async def test_needs_an_idempotency_key(clients: SimpleNamespace) -> None:
    answer = await clients.support.post("/orders", json=order_body())

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.idempotency-key"


async def test_a_promised_day_and_completeness_are_kept(clients: SimpleNamespace, hub: Hub) -> None:
    body = order_body(promised_on="2026-12-01", ship_complete="true")  # a file knows texts only

    answer = await clients.support.post("/orders", json=body, headers={"Idempotency-Key": "promise"})

    assert answer.status_code == 201
    columns = select(ORDERS.c.promised_on, ORDERS.c.ship_complete)
    kept = hub.database.read_now(lambda tx: tx.execute(columns).one())
    assert tuple(kept) == ("2026-12-01", True)
