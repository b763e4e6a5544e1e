"""Two people act on one thing: the second is told what the first changed, and nothing of theirs is done."""

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI

from runtime.wiring import Hub
from tests.api.conftest import make_order
from tests.api.people import bearer, first_admin
from tests.db import world


def seen(version: object) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def test_the_second_who_acts_on_an_order_is_told_who_changed_what(clients: SimpleNamespace, hub: Hub) -> None:
    ada = await first_admin(clients.nobody, hub)
    order = await make_order(clients)
    version = (await clients.support.get(f"/orders/{order}")).json()["version"]
    first = await clients.nobody.post(
        f"/orders/{order}/hold", json={"reason": "address"}, headers={**seen(version), **bearer(ada)}
    )

    second = await clients.support.post(f"/orders/{order}/cancel", json={}, headers=seen(version))

    told = second.json()
    after = (await clients.support.get(f"/orders/{order}")).json()
    assert (first.status_code, second.status_code, told["code"]) == (202, 412, "changed_meanwhile")
    assert (told["changed_by"], told["what"]) == ("Ada Admin", "order: hold")
    assert after["cancel_requested_at"] is None
    assert (
        await clients.support.post(f"/orders/{order}/cancel", json={}, headers=seen(after["version"]))
    ).status_code == 202


async def test_reading_the_person_changes_nothing(clients: SimpleNamespace) -> None:
    order = await make_order(clients)
    version = (await clients.support.get(f"/orders/{order}")).json()["version"]
    await clients.support.get(f"/orders/{order}", params={"person": True})

    answer = await clients.support.post(f"/orders/{order}/hold", json={"reason": "a"}, headers=seen(version))

    assert answer.status_code == 202


@pytest.mark.parametrize("header", [{}, {"If-Match": "*"}])
async def test_who_says_nothing_of_a_version_is_asked_nothing(header: dict[str, str], clients: SimpleNamespace) -> None:
    order = await make_order(clients)

    assert (await clients.support.post(f"/orders/{order}/cancel", json={}, headers=header)).status_code == 202


@pytest.mark.parametrize("version", ["0", "nonsense", "99999999999999999999", "", "W/"])
async def test_a_version_that_never_was_is_another_one(version: str, clients: SimpleNamespace) -> None:
    order = await make_order(clients)

    answer = await clients.support.post(f"/orders/{order}/cancel", json={}, headers=seen(version))

    assert answer.status_code == 412


LANES = {"zones": {"near": {"base_minor": 400, "transit_days": 1}}, "lanes": [{"zone": "near"}]}


async def put_rules(clients: SimpleNamespace, version: str) -> None:
    rules: dict[str, Any] = {"version": version, "currency": "EUR", "rules": [{"name": "any"}], **LANES}
    (await clients.operations.put(f"/sourcing-rules/{version}", json=rules)).raise_for_status()


async def test_rules_that_somebody_else_put_in_force_meanwhile_stay(clients: SimpleNamespace) -> None:
    for version in ("one", "two", "three"):
        await put_rules(clients, version)
    await clients.operations.post("/sourcing-rules/one/activate")
    await clients.admin.post("/sourcing-rules/two/activate", headers=seen("one"))

    answer = await clients.operations.post("/sourcing-rules/three/activate", headers=seen("one"))

    rules = (await clients.viewer.get("/sourcing-rules")).json()
    assert (answer.status_code, answer.json()["changed_by"]) == (412, "a admin")
    assert [rule["version"] for rule in rules if rule["active"]] == ["two"]


async def test_safety_stock_and_switches_are_guarded_too(clients: SimpleNamespace) -> None:
    page = (await clients.viewer.get("/safety-stock", params={"item": "tea-1"})).json()
    wish = {"item_id": "tea-1", "units": 3}
    statuses = [
        (await clients.operations.put("/safety-stock", json=wish, headers=seen(page["version"]))).status_code
        for _ in range(2)
    ]
    stopped = (await clients.operations.post("/switches/all/stop", json={"reason": "fire"})).json()
    version = next(switch["version"] for switch in stopped if switch["name"] == "all")
    statuses += [
        (await clients.operations.post("/switches/all/start", headers=seen(given))).status_code
        for given in ("2020-01-01T00:00:00+00:00", version)
    ]

    assert statuses == [200, 412, 412, 200]


async def test_calendar_profiles_and_flows_are_guarded_too(clients: SimpleNamespace, hub: Hub) -> None:
    hub.database.write_now(world.found)
    peak = {"starts_at": "2030-11-01T00:00:00Z", "ends_at": "2030-12-24T00:00:00Z"}
    first = (await clients.operations.put("/calendar-profiles/peak", json=peak)).json()
    longer = peak | {"ends_at": "2030-12-31T00:00:00Z"}
    statuses = [
        (
            await clients.operations.put("/calendar-profiles/peak", json=longer, headers=seen(first[0]["version"]))
        ).status_code
        for _ in range(2)
    ]
    gone = {"starts_at": peak["starts_at"]}
    old = await clients.operations.delete("/calendar-profiles/peak", params=gone, headers=seen(first[0]["version"]))
    flow = (await clients.operations.put("/flows/web/inventory", json={"mode": "shadow"})).json()
    statuses += [old.status_code] + [
        (
            await clients.operations.put("/flows/web/inventory", json={"mode": "off"}, headers=seen(flow["version"]))
        ).status_code
        for _ in range(2)
    ]

    left = (await clients.viewer.get("/calendar-profiles")).json()
    assert statuses == [200, 412, 412, 200, 412]
    assert [(one["name"], one["ends_at"][:10]) for one in left] == [("peak", "2030-12-31")]


async def test_a_launch_shows_the_version_that_its_commands_compare(app: FastAPI) -> None:
    paths = app.openapi()["paths"]

    guarded = {
        path.rpartition("/")[2]
        for path, operations in paths.items()
        if path.startswith("/launches/{launch}/")
        for operation in operations.values()
        if "412" in operation["responses"]
    }

    assert {"pause", "resume", "move", "cancel", "recheck"} <= guarded
    assert "version" in app.openapi()["components"]["schemas"]["LaunchOut"]["required"]


async def test_of_two_administrators_the_second_is_told_what_the_first_made_of_a_user(
    clients: SimpleNamespace, hub: Hub
) -> None:
    ada = bearer(await first_admin(clients.nobody, hub))
    bo = {"name": "Bo", "email": "bo.two@example.com", "role": "viewer"}
    made = (await clients.nobody.post("/users", json=bo, headers=ada)).json()
    path = f"/users/{made['id']}"
    await clients.nobody.patch(path, json={"role": "support"}, headers=ada | seen(made["version"]))

    second = await clients.nobody.patch(path, json={"disabled": True}, headers=ada | seen(made["version"]))

    listed = (await clients.nobody.get("/users", headers=ada)).json()
    assert (second.status_code, second.json()["changed_by"], second.json()["what"]) == (
        412,
        "Ada Admin",
        "user: change",
    )
    assert [user["disabled_at"] for user in listed if user["id"] == made["id"]] == [None]
    now = next(user["version"] for user in listed if user["id"] == made["id"])
    last = await clients.nobody.patch(path, json={"disabled": True}, headers=ada | seen(now))
    assert last.status_code == 200
