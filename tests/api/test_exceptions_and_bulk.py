"""Exceptions by cause and bulk actions: looked at, tried, done, with a result for each order."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from db import bulk
from db.actors import Actor
from db.bulk import Action, Target
from db.exceptions import open_cause, sync
from db.order_reading import FULFILLMENT_LINES, FULFILLMENT_ORDERS
from domain.causes import Cause
from runtime.wiring import Hub
from tests.api.conftest import NOW, make_order

CAUSE = Cause(kind="late_shipment", subject="berlin", title="Berlin is late", remedy="Ask Berlin.", blocks=False)


@pytest_asyncio.fixture
async def held(clients: SimpleNamespace, hub: Hub) -> list[str]:
    """Three orders that one cause holds up."""
    orders = sorted([await make_order(clients, f"k{n}") for n in range(3)])
    for order in orders:
        hub.database.write_now(lambda tx, order=order: sync(tx, order, [CAUSE], NOW))  # type: ignore[misc]
    return orders


async def finished(clients: SimpleNamespace, job: str) -> dict[str, Any]:
    while True:
        shown: dict[str, Any] = (await clients.viewer.get(f"/bulk/{job}")).json()
        if shown["finished_at"]:
            return shown
        await asyncio.sleep(0.01)


async def test_one_cause_is_one_exception_with_its_orders_and_what_they_are_worth(
    clients: SimpleNamespace, held: list[str]
) -> None:
    listed = (await clients.viewer.get("/exceptions")).json()

    assert [(e["cause"], e["orders"], e["value_at_risk"]) for e in listed] == [
        ("late_shipment:berlin", 3, [{"amount_minor": 7500, "currency": "EUR"}])
    ]
    shown = (await clients.viewer.get(f"/exceptions/{listed[0]['id']}", params={"limit": 2})).json()
    rest = (await clients.viewer.get(f"/exceptions/{listed[0]['id']}", params={"after": shown["next"]})).json()
    assert [row["id"] for row in shown["affected"] + rest["affected"]] == held


async def test_is_assigned_noted_and_hidden_until_its_time(clients: SimpleNamespace, held: list[str]) -> None:
    await clients.support.post("/exceptions/1/assign", json={"assignee": "ben"})
    await clients.support.post("/exceptions/1/note", json={"text": "called them"})

    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await clients.support.post("/exceptions/1/snooze", json={"until": until})

    assert (await clients.viewer.get("/exceptions")).json() == []
    shown = (await clients.viewer.get("/exceptions/1")).json()
    assert (shown["assignee"], [note["text"] for note in shown["notes"]]) == ("ben", ["called them"])


async def test_resolving_acknowledges_it_for_every_order(clients: SimpleNamespace, held: list[str]) -> None:
    answer = await clients.support.post("/exceptions/1/resolve")

    job = await finished(clients, answer.json()["job"]["id"])
    assert job["counts"] == {"done": 3}
    assert [item["order_id"] for item in job["items"]] == held


async def test_resolving_an_exception_about_no_order_closes_it(clients: SimpleNamespace, hub: Hub) -> None:
    hub.database.write_now(lambda tx: open_cause(tx, CAUSE, NOW))

    answer = await clients.support.post("/exceptions/1/resolve")

    assert answer.json() == {"job": None}
    shown = (await clients.viewer.get("/exceptions", params={"state": "closed"})).json()
    assert [found["closed_by"] for found in shown] == ["a support"]


async def test_resuming_retries_every_order(clients: SimpleNamespace, held: list[str]) -> None:
    answer = await clients.operations.post("/exceptions/1/resume", json={"how": "continue"})

    job = await finished(clients, answer.json()["job"]["id"])
    assert (job["action"], job["counts"]) == ("retry:continue", {"done": 3})


async def test_a_bulk_preview_says_per_order_what_would_happen_and_changes_nothing(
    clients: SimpleNamespace, held: list[str]
) -> None:
    body = {"orders": [*held, "nowhere"]}

    tried = (await clients.operations.post("/bulk/cancel", json=body, params={"preview": True})).json()

    assert (tried["allowed"], tried["refused"]) == (3, {"unknown_order": 1})
    assert (await clients.viewer.get(f"/orders/{held[0]}")).json()["cancel_requested_at"] is None


async def test_one_refusal_stops_no_other_order(clients: SimpleNamespace, held: list[str]) -> None:
    body = {"orders": [held[0], "nowhere", held[1]], "reason": "customer"}

    started = await clients.operations.post("/bulk/cancel", json=body)

    job = await finished(clients, started.json()["id"])
    assert [(item["state"], item["code"]) for item in job["items"]] == [
        ("done", ""), ("refused", "unknown_order"), ("done", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "results"),
    [
        ("retry", [("done", ""), ("done", "")]),
        ("re-route", [("refused", "nothing_to_reroute"), ("done", "")]),
    ],
)
async def test_retries_and_reroutes_are_tried_first_and_done_with_a_result_for_each(
    action: str, results: list[tuple[str, str]], clients: SimpleNamespace, hub: Hub, held: list[str]
) -> None:
    sent = {
        "id": f"{held[1]}-F1", "order_id": held[1], "number": 1, "round": 0, "location_id": "berlin",
        "connection_id": "store", "state": "sent", "recall": "", "recall_asks": 0, "reason": "", "is_pickup": False,
        "address_version": 1, "external_id": "", "ship_on": "", "created_at": NOW,
    }  # fmt: skip
    unit = {"fulfillment_order_id": sent["id"], "order_id": held[1], "line_id": "L1", "item_id": "tea-1", "quantity": 2}
    hub.database.write_now(lambda tx: tx.execute(FULFILLMENT_ORDERS.insert().values(sent)))
    hub.database.write_now(lambda tx: tx.execute(FULFILLMENT_LINES.insert().values(unit | {"shipped": 0})))
    body = {"orders": held[:2]}

    tried = (await clients.operations.post(f"/bulk/{action}", json=body, params={"preview": True})).json()
    started = await clients.operations.post(f"/bulk/{action}", json=body)

    job = await finished(clients, started.json()["id"])
    assert [(item["state"], item["code"]) for item in job["items"]] == results
    assert tried["refused"] == dict(Counter(code for _, code in results if code))
    assert tried["allowed"] == len(results) - sum(tried["refused"].values())


async def test_selects_by_filter(clients: SimpleNamespace, held: list[str]) -> None:
    body = {"filter": {"cause": CAUSE.code}}

    tried = (await clients.operations.post("/bulk/cancel", json=body, params={"preview": True})).json()

    assert sorted(item["order_id"] for item in tried["items"]) == held


@pytest.mark.parametrize("body", [{}, {"filter": {}}, {"orders": []}, {"orders": ["a"], "filter": {"sku": "TEA-1"}}])
async def test_never_takes_every_order_by_accident(body: dict[str, Any], clients: SimpleNamespace) -> None:
    answer = await clients.operations.post("/bulk/cancel", json=body)

    assert answer.status_code == 422


async def test_a_job_that_a_process_left_behind_is_finished_by_the_next(
    clients: SimpleNamespace, hub: Hub, app: Any
) -> None:
    orders = [await make_order(clients, f"k{n}") for n in range(bulk.AT_ONCE + 5)]
    by = Actor(name="ann", role="admin")
    job = hub.database.write_now(
        lambda tx: bulk.create(tx, Action("cancel", "other"), map(Target, orders), by=by, now=NOW)
    )
    hub.database.write_now(lambda tx: bulk.step(tx, job, NOW))

    await app.state.runner.resume()

    assert (await finished(clients, job))["counts"] == {"done": len(orders)}


async def test_holds_and_releases_many_and_names_them_by_their_numbers(
    clients: SimpleNamespace, held: list[str]
) -> None:
    started = await clients.operations.post("/bulk/hold", json={"orders": held, "hold": "stocktake"})
    job = await finished(clients, started.json()["id"])

    assert job["counts"] == {"done": 3}
    assert set(job["numbers"]) == set(held)
    assert (await clients.viewer.get(f"/orders/{held[0]}")).json()["holds"] == ["hub:stocktake"]

    started = await clients.operations.post("/bulk/release", json={"orders": held})
    await finished(clients, started.json()["id"])
    assert (await clients.viewer.get(f"/orders/{held[0]}")).json()["holds"] == []


async def test_a_preview_names_the_steps_that_would_follow(clients: SimpleNamespace, held: list[str]) -> None:
    tried = (await clients.support.post(f"/orders/{held[0]}/cancel", json={}, params={"preview": True})).json()

    assert (tried["before"]["stage"], tried["after"]["outcome"]) == ("to_route", None)
    assert tried["after"]["next_steps"] == ["tell the channel"]
