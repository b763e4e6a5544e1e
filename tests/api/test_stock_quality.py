"""Drift, its policy and the measures of stock over the API."""

import pytest

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


@pytest.mark.parametrize("page", ["accuracy", "drift", "verifications", "window-losses"])
async def test_where_nothing_was_measured_nothing_is_shown(clients, page):
    answer = await clients.viewer.get(f"/inventory/{page}")

    assert (answer.status_code, answer.json()) == (200, [])


async def test_only_operations_may_decide(clients):
    wish = {"connection_id": "web", "author": "person", "action": "repair"}

    refused = await clients.viewer.post("/inventory/drift/decide", json=wish)
    decided = await clients.operations.post("/inventory/drift/decide", json=wish)

    assert refused.status_code == 403
    assert decided.json() == {"numbers": 0}
