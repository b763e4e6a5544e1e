"""Drift, its policy and the measures of stock over the API."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from db import flows, stock_hours
from db.publication_latency import LATENCIES
from domain.latency import bucket
from tests.db import world


@pytest.fixture(autouse=True)
def merchant(hub):
    hub.database.write_now(world.found)


async def test_a_policy_is_kept_and_audited(clients):
    path = "/inventory/verification-policies/web"
    before = (await clients.viewer.get(path)).json()
    await clients.operations.put(path, json=before | {"person": "ask"})

    after = (await clients.viewer.get(path)).json()
    audited = (await clients.admin.get("/audit")).json()

    assert (before["person"], after["person"]) == ("repair", "ask")
    assert "verification_policy.put" in str(audited)


async def test_a_policy_that_says_nothing_known_is_refused(clients):
    answer = await clients.operations.put("/inventory/verification-policies/web", json={"person": "shrug"})

    assert answer.status_code == 422


@pytest.mark.parametrize("page", ["accuracy", "accuracy/hours", "drift", "verifications", "window-losses"])
async def test_where_nothing_was_measured_nothing_is_shown(clients, page):
    answer = await clients.viewer.get(f"/inventory/{page}")

    assert (answer.status_code, answer.json()) == (200, [])


async def test_hours_stand_by_connection_and_mode_with_all_measures(clients, hub):
    now = datetime.now(UTC)

    def work(tx: Connection) -> None:
        for mode in ("shadow", "on"):
            flows.put(tx, "web", "inventory", mode, 100, by="test", now=now)
            stock_hours.add(tx, "web", now, listed_s=100, accurate_s=50 if mode == "shadow" else 99, orders=4)
        stock_hours.add(tx, "web", now, canceled_for_stock=1)
        hour = now.replace(minute=0, second=0, microsecond=0)
        taken = {"connection_id": "web", "hour": hour, "bucket": bucket(2.0), "numbers": 10}
        tx.execute(LATENCIES.insert().values(**taken))

    hub.database.write_now(work)

    hours = (await clients.viewer.get("/inventory/accuracy/hours", params={"hours": 2})).json()
    other = (await clients.viewer.get("/inventory/accuracy/hours", params={"connection": "store"})).json()
    whole = (await clients.viewer.get("/inventory/accuracy")).json()

    shown = {hour["mode"]: (hour["connection_id"], hour["accuracy"], hour["canceled_for_stock"]) for hour in hours}
    assert shown == {"shadow": ("web", 0.5, 0), "on": ("web", 0.99, 1)}
    assert [hour["latency_p95"] for hour in hours if hour["mode"] == "on"] == [pytest.approx(2, rel=0.06)]
    assert other == []
    assert [(one["is_baseline"], one["canceled_for_stock_per_10000"]) for one in whole] == [(True, 0), (False, 2500)]


async def test_only_operations_may_decide(clients):
    wish = {"connection_id": "web", "author": "person", "action": "repair"}

    refused = await clients.viewer.post("/inventory/drift/decide", json=wish)
    decided = await clients.operations.post("/inventory/drift/decide", json=wish)

    assert refused.status_code == 403
    assert decided.json() == {"numbers": 0}
