"""Stock and sourcing rules over the API."""

import pytest

from db.ledger import LEVELS
from tests.db import world

BOOK = {"kind": "receive", "item_id": "TEE", "location_id": "berlin", "quantity": 5}


@pytest.fixture(autouse=True)
def merchant(hub):
    hub.database.write_now(world.found)


async def book(clients, key: str, **changes):
    return await clients.operations.post("/inventory/movements", json=BOOK | changes, headers={"Idempotency-Key": key})


async def test_the_same_key_books_once(clients):
    first, again, other = await book(clients, "a"), await book(clients, "a"), await book(clients, "b")

    assert [answer.json()["level"]["on_hand"] for answer in (first, again, other)] == [5, 5, 10]


async def test_a_count_replaces_the_balance_and_both_are_in_the_ledger(clients):
    await book(clients, "a")
    counted = await book(clients, "b", kind="count", quantity=3)
    movements = (await clients.viewer.get("/inventory/movements/TEE")).json()

    assert counted.json()["level"]["available"] == 3
    assert [(movement["kind"], movement["on_hand"]) for movement in movements] == [("count", -2), ("receive", 5)]
    assert (await clients.viewer.get("/inventory/verify")).json() == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"item_id": "SET"}, 409, "bundle_with_stock"),
        ({"item_id": "NOPE"}, 404, "unknown_item"),
        ({"location_id": "nowhere"}, 404, "unknown_location"),
        ({"kind": "count", "quantity": -1}, 422, "bad_request"),
        ({"quantity": 10**9}, 422, "invalid_request"),
    ],
)
async def test_what_cannot_be_booked_is_refused(clients, changes, status, code):
    answer = await book(clients, "a", **changes)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_stock_that_comes_in_goes_to_the_order_that_waits(clients, hub):
    def work(tx):
        order_id = world.take(tx, world.channel_order(1, TEE=2))
        world.route(tx, order_id)
        return order_id

    order_id = hub.database.write_now(work)
    waiting = (await clients.viewer.get("/inventory/waiting/TEE")).json()
    booked = (await book(clients, "a")).json()
    reservations = (await clients.viewer.get("/inventory/reservations/TEE")).json()

    assert [(line["order_id"], line["quantity"]) for line in waiting] == [(order_id, 2)]
    assert booked["woken"] == [order_id]
    assert booked["level"]["available"] == 3
    assert [(held["holder"], held["quantity"]) for held in reservations] == [("waiting", 2)]


async def test_levels_come_in_pages(clients):
    await book(clients, "a")
    await book(clients, "b", item_id="MUG")
    first = (await clients.viewer.get("/inventory/levels", params={"limit": 1})).json()
    second = (await clients.viewer.get("/inventory/levels", params={"limit": 1, "after": first["next"]})).json()

    assert [level["item_id"] for page in (first, second) for level in page["levels"]] == ["MUG", "TEE"]
    assert second["next"] is None


async def test_a_balance_that_was_tampered_with_is_found(clients, hub):
    await book(clients, "a")
    hub.database.write_now(lambda tx: tx.execute(LEVELS.update().values(on_hand=99)))
    found = (await clients.viewer.get("/inventory/verify")).json()

    assert [(wrong["field"], wrong["balance"], wrong["ledger"]) for wrong in found] == [("on_hand", 99, 5)]


async def test_rules_are_stored_compared_and_put_in_force(clients):
    rules = world.RULES.model_dump(mode="json") | {"version": "2", "weight_step_g": 500}
    stored = await clients.operations.put("/sourcing-rules/2", json=rules)
    difference = (await clients.viewer.get("/sourcing-rules/2/diff", params={"against": "1"})).json()
    active = (await clients.operations.post("/sourcing-rules/2/activate")).json()

    assert stored.json()["is_new"] is True
    assert [(change["field"], change["before"], change["after"]) for change in difference] == [
        ("version", "1", "2"),
        ("weight_step_g", 1000, 500),
    ]
    assert {version["version"]: version["active"] for version in active} == {"2": True, "1": False}


async def test_rules_that_nobody_stored_are_compared_and_looked_over(clients):
    rules = world.RULES.model_dump(mode="json") | {"version": "draft", "weight_step_g": 500}
    first = rules["rules"][0] | {"name": "never"}
    compared = (
        await clients.operations.post(
            "/sourcing-rules/compare", json=rules | {"rules": [*rules["rules"], first]}, params={"against": "1"}
        )
    ).json()
    refused = await clients.viewer.post("/sourcing-rules/compare", json=rules)

    assert ("weight_step_g", 1000, 500) in [
        (each["field"], each["before"], each["after"]) for each in compared["changes"]
    ]
    assert "rule 'never' is dead" in compared["warnings"][0]
    assert [version["version"] for version in (await clients.viewer.get("/sourcing-rules")).json()] == ["1"]
    assert refused.status_code == 403


async def test_rules_with_an_unknown_key_are_refused_by_its_name(clients):
    rules = world.RULES.model_dump(mode="json") | {"version": "2", "wieght_step_g": 500}
    answer = await clients.operations.put("/sourcing-rules/2", json=rules)

    assert (answer.status_code, [wrong["field"] for wrong in answer.json()["errors"]]) == (422, ["body.wieght_step_g"])
