"""Content over HTTP: how listings stand, drift and its answers, accuracy, and the policy by version."""

import pytest

from db import listing_drift, offered
from db.offered import OFFERED
from domain.content.looking import Foreign
from tests.db.world import NOW


@pytest.fixture
def drifting(hub, shop):
    """A listing of which somebody has edited the title."""

    def work(tx):
        row = {
            "connection_id": shop, "product_id": "P1", "external_id": "7", "bucket": 1,
            "published": {"title": "Ours"}, "confirmed": {"title": "Typed"},
        }  # fmt: skip
        offered.add(tx, [row], NOW)
        tx.execute(OFFERED.update().values(expected={"title": "Ours"}, fields=1, marked_at=None))
        (at,) = offered.locked(tx, shop)
        listing_drift.take(tx, at, [Foreign("title", "Typed", "person")], NOW)
        offered.save(tx, at, NOW)

    hub.database.write_now(work)
    return shop


async def test_drift_is_listed_with_both_values_and_repaired(clients, drifting):
    (drift,) = (await clients.viewer.get("/content/drift")).json()
    repaired = await clients.operations.post(f"/content/drift/{drift['id']}/repair")
    (listing,) = (await clients.viewer.get("/content/listings", params={"state": "due"})).json()

    assert (drift["field"], drift["shown"], drift["ours"]) == ("title", "Typed", "Ours")
    assert (drift["author"], drift["action"]) == ("person", "ask")
    assert repaired.json()["action"] == "repair"
    assert listing["waits"] == ["title"]


async def test_only_operations_decides(clients, drifting):
    wish = {"connection_id": drifting, "author": "person", "action": "repair"}

    assert (await clients.viewer.post("/content/drift/decide", json=wish)).status_code == 403


async def test_all_that_waits_is_decided_and_audited(clients, drifting):
    wish = {"connection_id": drifting, "author": "person", "action": "repair", "field": "title"}

    decided = await clients.operations.post("/content/drift/decide", json=wish)

    assert decided.json() == {"decided": 1, "refused": {}}


async def test_a_drift_that_is_not_there_is_named(clients):
    answer = await clients.operations.post("/content/drift/99/accept")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_drift")


async def test_a_policy_is_put_by_version_and_never_changed(clients, shop):
    policy = {"version": "2", "person": "repair", "fields": {"title": {"person": "accept"}}}
    put = await clients.operations.put(f"/content/policies/{shop}", json=policy)
    again = await clients.operations.put(f"/content/policies/{shop}", json=policy | {"person": "ask"})
    known = (await clients.viewer.get(f"/content/policies/{shop}")).json()
    versions = (await clients.viewer.get(f"/content/policies/{shop}/versions")).json()

    assert put.status_code == 200
    assert again.json()["code"] == "version_taken"
    assert (known["person"], known["fields"]["title"]["person"]) == ("repair", "accept")
    assert [one["version"] for one in versions] == ["2"]


async def test_what_nobody_holds_cannot_be_released(clients, drifting):
    answer = await clients.operations.post(f"/content/listings/{drifting}/P1/release")

    assert answer.json()["code"] == "not_held"


async def test_accuracy_and_rounds_begin_empty(clients):
    for path in ("/content/accuracy", "/content/accuracy/hours", "/content/verifications"):
        assert (await clients.viewer.get(path)).json() == []
