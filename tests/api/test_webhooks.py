"""Deliveries: kept once, forged ones refused and counted, nothing read before the answer."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import httpx
from sqlalchemy import func, select

from db.exceptions import EXCEPTIONS
from db.forged import FORGED, MANY, WINDOW, close_quiet
from db.inbox import INBOX, body_of
from runtime.wiring import Hub

HEADERS = {"X-Topic": "orders/create", "X-Event": "e1", "X-Signature": "good"}


async def deliver(clients: SimpleNamespace, body: bytes = b"{}", **headers: str) -> httpx.Response:
    sent = {**HEADERS, **{f"X-{name.title()}": value for name, value in headers.items()}}
    answer: httpx.Response = await clients.nobody.post("/webhooks/shop", content=body, headers=sent)
    return answer


async def test_fifty_copies_at_once_are_one_row_and_all_are_answered(clients: SimpleNamespace, hub: Hub) -> None:
    answers = await asyncio.gather(*(deliver(clients) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert hub.database.read_now(lambda tx: tx.execute(select(func.count()).select_from(INBOX)).scalar()) == 1


async def test_keeps_the_raw_bytes_encrypted_even_when_they_are_no_json(clients: SimpleNamespace, hub: Hub) -> None:
    body = b'{"name": "Ada Example", broken'

    answer = await deliver(clients, body)

    row = hub.database.read_now(lambda tx: tx.execute(select(INBOX)).one())
    assert (answer.status_code, row.state) == (200, "new")
    assert b"Ada" not in row.sealed_body
    assert body_of(hub.keys, row) == body


async def test_refuses_a_forged_delivery_and_keeps_nothing_of_it(clients: SimpleNamespace, hub: Hub) -> None:
    answer = await deliver(clients, signature="bad")

    assert (answer.status_code, answer.json()["code"]) == (401, "forged_delivery")
    assert hub.database.read_now(lambda tx: tx.execute(select(func.count()).select_from(INBOX)).scalar()) == 0
    assert hub.database.read_now(lambda tx: tx.execute(select(FORGED.c.count)).scalar_one()) == 1


async def test_a_flood_of_forged_deliveries_is_one_exception_and_closes_when_it_is_over(
    clients: SimpleNamespace, hub: Hub
) -> None:
    await asyncio.gather(*(deliver(clients, signature="bad") for _ in range(MANY - 1)))
    before = (await clients.viewer.get("/exceptions")).json()

    await asyncio.gather(*(deliver(clients, signature="bad") for _ in range(MANY)))

    raised = (await clients.viewer.get("/exceptions")).json()
    assert before == []
    assert [found["cause"] for found in raised] == ["forged_webhooks:shop"]
    assert hub.database.write_now(lambda tx: close_quiet(tx, datetime.now(UTC) + WINDOW / 2)) == 0
    assert hub.database.write_now(lambda tx: close_quiet(tx, datetime.now(UTC) + WINDOW)) == 1
    assert hub.database.read_now(lambda tx: tx.execute(select(EXCEPTIONS.c.closed_by)).scalar_one()) == "cause gone"


async def test_an_unknown_connection_is_a_problem(clients: SimpleNamespace) -> None:
    answer = await clients.nobody.post("/webhooks/nowhere", content=b"{}", headers=HEADERS)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_connection")


async def test_a_delivery_may_be_as_large_as_the_setting_says_and_no_larger(clients: SimpleNamespace, hub: Hub) -> None:
    limit = hub.settings.webhook_max_bytes

    fits = await deliver(clients, b" " * limit)
    too_large = await deliver(clients, b" " * (limit + 1), event="e2")

    assert fits.status_code == 200
    assert (too_large.status_code, too_large.json()["code"]) == (413, "content_too_large")


async def test_people_see_what_became_of_each_delivery(clients: SimpleNamespace, shop: str) -> None:
    await deliver(clients)

    shown = (await clients.viewer.get(f"/connections/{shop}/deliveries", params={"state": "new"})).json()

    assert [(row["topic"], row["event_id"], row["state"]) for row in shown] == [("orders/create", "e1", "new")]
    assert "sealed_body" not in shown[0]
