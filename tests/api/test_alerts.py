"""Alert rules and what they raise, over the API."""

from datetime import UTC, datetime

import pytest

from db import alerts, connections
from tests.db import world

RULES = {
    "version": "1",
    "rules": [{"name": "down", "kind": "connection_down", "limit": 5, "notify": ["ops@example.com"]}],
}


@pytest.fixture(autouse=True)
def merchant(hub):
    hub.database.write_now(world.found)


def evaluate(hub):
    now = datetime.now(UTC)
    found = hub.database.read_now(lambda tx: alerts.watched(tx, now))
    hub.database.write_now(lambda tx: alerts.evaluate(tx, found, now))


async def test_rules_are_put_in_force_and_raise_what_they_watch(clients, hub):
    put = await clients.operations.put("/alerts/rules/1", json=RULES)
    hub.database.write_now(lambda tx: connections.pause(tx, "web", reason="", now=world.NOW.replace(year=2020)))
    evaluate(hub)

    shown = (await clients.viewer.get("/alerts")).json()
    told = (await clients.operations.get("/alerts/messages")).json()

    assert put.status_code == 200
    assert [alert["cause"] for alert in shown] == ["alert_connection_down:down:web"]
    assert [(message["target"], message["state"]) for message in told] == [("ops@example.com", "new")]
    assert [version["active"] for version in (await clients.viewer.get("/alerts/rules")).json()] == [True]


async def test_a_snoozed_alert_is_hidden(clients, hub):
    await clients.operations.put("/alerts/rules/1", json=RULES)
    hub.database.write_now(lambda tx: connections.pause(tx, "web", reason="", now=world.NOW.replace(year=2020)))
    evaluate(hub)
    number = (await clients.viewer.get("/alerts")).json()[0]["id"]

    await clients.support.post(f"/exceptions/{number}/snooze", json={"until": "2100-01-01T00:00:00Z"})

    assert (await clients.viewer.get("/alerts")).json() == []
    assert len((await clients.viewer.get("/alerts", params={"snoozed": True})).json()) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": "2", "rules": []}, 422),
        ({"version": "1", "rules": [{"name": "x", "kind": "weather", "limit": 1}]}, 422),
        ({"version": "1", "rules": [{"name": "x", "kind": "atp", "limit": 1, "notify": ["nobody"]}]}, 422),
    ],
)
async def test_rules_that_make_no_sense_are_refused(clients, body, status):
    assert (await clients.operations.put("/alerts/rules/1", json=body)).status_code == status


async def test_a_version_never_changes(clients):
    await clients.operations.put("/alerts/rules/1", json=RULES)

    answer = await clients.operations.put("/alerts/rules/1", json=RULES | {"rules": []})

    assert (answer.status_code, answer.json()["code"]) == (409, "version_taken")
