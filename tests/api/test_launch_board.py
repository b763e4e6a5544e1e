"""Launches over the API as a page shows them: in short, as a board, checked before they are made, and who may do what."""

from datetime import UTC, datetime, timedelta

import pytest

from db import channel_forms, words
from db.launch_reading import LISTINGS
from db.order_reading import CONNECTIONS
from tests.api.test_products import body
from tests.db.world import NOW
from tests.domain.catalog.make import WORDS, form

LAUNCH = {"id": "spring", "name": "Spring", "channels": ["shop"]}


@pytest.fixture(autouse=True)
def merchant(hub, shop):
    def make(tx):
        for attribute in WORDS.attributes.values():
            words.put_attribute(tx, attribute, now=NOW)
        for category in WORDS.categories.values():
            words.put_category(tx, category, now=NOW)
        channel_forms.add(tx, shop, form(), by="ada", now=NOW)
        channel_forms.activate(tx, shop, "1", now=NOW)
        mine = CONNECTIONS.c.id == shop
        tx.execute(CONNECTIONS.update().where(mine).values(platform="shopify", mode="on"))

    hub.database.write_now(make)


async def launched(clients, *products):
    for number, product in enumerate(products):
        variants = {f"T-{number}": {"gtin": ""}}
        wish = body(title=f"Tee {product}", variants=variants, options=[])
        (await clients.operations.put(f"/products/{product}", json=wish)).raise_for_status()
    moment = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = await clients.operations.post("/launches", json=LAUNCH | {"products": products, "go_live_at": moment})
    assert made.status_code == 201, made.text
    return made.json()


async def test_the_list_tells_products_channels_and_leaks(clients):
    await launched(clients, "a", "b")
    (line,) = (await clients.viewer.get("/launches")).json()["launches"]

    assert (line["products"], line["channels"], line["leaks"]) == (2, ["shop"], 0)


async def test_the_list_goes_page_by_page_with_the_latest_moment_first(clients):
    await launched(clients, "a")
    moment = datetime.now(UTC) + timedelta(hours=1)
    for number, name in enumerate(("dry-1", "dry-2"), start=1):
        wish = {"id": name, "products": ["a"], "mode": "dry_run"}
        at = (moment + timedelta(hours=number)).isoformat()
        await clients.operations.post("/launches", json=LAUNCH | wish | {"go_live_at": at})

    first = (await clients.viewer.get("/launches", params={"limit": 2})).json()
    second = (await clients.viewer.get("/launches", params={"cursor": first["next"]})).json()

    assert [one["id"] for one in first["launches"] + second["launches"]] == ["dry-2", "dry-1", "spring"]
    assert second["next"] is None


async def test_the_board_goes_page_by_page_in_the_order_of_the_launch(clients):
    await launched(clients, "c", "a", "b")
    first = (await clients.viewer.get("/launches/spring/board", params={"limit": 2})).json()
    second = (await clients.viewer.get("/launches/spring/board", params={"after": first["next"]})).json()

    assert [one["product_id"] for one in first["products"] + second["products"]] == ["c", "a", "b"]
    assert [one["state"] for one in first["products"][0]["listings"]] == ["planned"]
    assert second["next"] is None


async def test_the_board_is_searched_by_title_and_filtered(clients):
    await launched(clients, "a", "b")
    found = (await clients.viewer.get("/launches/spring/board", params={"search": "TEE b"})).json()
    stopped = (await clients.viewer.get("/launches/spring/board", params={"only": "findings"})).json()
    kept = (await clients.viewer.get("/launches/spring/board", params={"only": "kept"})).json()

    assert [one["product_id"] for one in found["products"]] == ["b"]
    assert stopped["products"] == kept["products"] == []


async def test_a_board_of_no_launch_is_refused(clients):
    assert (await clients.viewer.get("/launches/none/board")).status_code == 404


async def test_products_are_checked_before_a_launch_is_made(clients):
    (await clients.operations.put("/products/tee", json=body(state="draft"))).raise_for_status()
    asked = {"products": ["tee"], "channels": ["shop"]}
    found = (await clients.viewer.post("/launches/check", json=asked)).json()

    assert found["checked"] == 1
    lifecycle = next(one for one in found["findings"] if one["gate"] == "lifecycle")
    assert (lifecycle["product"], lifecycle["channel"], lifecycle["waiver_role"]) == ("tee", "shop", "")
    assert found["findings"][0]["severity"] == "blocking"


async def test_only_another_person_of_a_high_enough_role_is_offered_to_approve(clients, hub):
    early = (await launched(clients, "a"), (await clients.admin.get("/launches/spring")).json())
    hub.database.write_now(lambda tx: tx.execute(LISTINGS.update().values(state="staged", content="as it is")))
    mine = (await clients.operations.get("/launches/spring")).json()
    theirs = (await clients.admin.get("/launches/spring")).json()
    looking = (await clients.viewer.get("/launches/spring")).json()

    assert not any("approve" in one["allowed"] for one in (*early, mine))
    assert {"approve", "pause", "cancel"} <= set(theirs["allowed"])
    assert looking["allowed"] == []


async def test_the_second_of_two_people_is_told_what_the_first_did(clients):
    seen = (await launched(clients, "a"))["version"]
    await clients.admin.post("/launches/spring/pause")
    late = await clients.operations.post("/launches/spring/resume", headers={"If-Match": f'"{seen}"'})

    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert "pause" in late.json()["what"]
