"""Items over the API, and the mapping that lets waiting orders go on."""

import pytest

from tests.db import world


@pytest.fixture(autouse=True)
def merchant(hub):
    hub.database.write_now(world.found)


async def test_mapping_a_sku_tells_how_many_orders_go_on(clients, hub):
    hub.database.write_now(lambda tx: [world.take(tx, world.channel_order(n, NEW=1)) for n in range(3)])
    answer = await clients.operations.put("/items/MUG/aliases", json={"sku": "NEW", "connection_id": "web"})
    item = (await clients.viewer.get("/items/MUG")).json()

    assert answer.json() == {"lines": 3, "orders": 3}
    assert [(alias["sku"], alias["connection_id"]) for alias in item["aliases"]] == [("MUG", ""), ("NEW", "web")]


async def test_a_sku_is_unmapped_once(clients):
    await clients.operations.put("/items/MUG/aliases", json={"sku": "NEW"})
    first = await clients.operations.delete("/items/MUG/aliases", params={"sku": "NEW"})
    again = await clients.operations.delete("/items/MUG/aliases", params={"sku": "NEW"})

    assert (first.status_code, again.status_code) == (204, 404)


async def test_an_item_is_made_and_found(clients):
    made = await clients.operations.put("/items/LAMP", json={"title": "Desk lamp", "weight_g": 900})
    found = (await clients.viewer.get("/items", params={"search": "lamp"})).json()

    assert made.status_code == 200
    assert [item["id"] for item in found["items"]] == ["LAMP"]


async def test_items_come_in_pages(clients):
    whole = (await clients.viewer.get("/items")).json()
    first = (await clients.viewer.get("/items", params={"limit": 2})).json()
    rest = (await clients.viewer.get("/items", params={"limit": 50, "after": first["next"]})).json()

    assert (len(first["items"]), first["items"] + rest["items"]) == (2, whole["items"])
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("item", "body", "status", "code"),
    [
        ("BOX", {"title": "Box", "components": [{"item_id": "SET", "quantity": 1}]}, 409, "nested_bundle"),
        ("BOX", {"title": "Box", "components": [{"item_id": "BOX", "quantity": 1}]}, 422, "bad_request"),
        ("BOX", {"title": "Box", "colour": "red"}, 422, "invalid_request"),
        ("a b", {"title": "Box"}, 422, "invalid_request"),
    ],
)
async def test_what_is_no_item_is_refused(clients, item, body, status, code):
    answer = await clients.operations.put(f"/items/{item}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_sku_cannot_be_mapped_on_a_connection_that_is_not_there(clients):
    answer = await clients.operations.put("/items/MUG/aliases", json={"sku": "NEW", "connection_id": "nowhere"})

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_connection")
