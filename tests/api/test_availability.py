"""The matrix, allocation rules, safety stock and switches over HTTP."""

from types import SimpleNamespace

import httpx
import pytest_asyncio
from sqlalchemy import Connection, update

from connectors.contract import RemoteStock
from db import items, locations, stock_listings
from db.availability import LISTINGS
from db.publication import begin
from db.restock import receive
from db.sku_mapping import map_sku
from domain.item import Alias, Item
from domain.location import Location, LocationProfile
from runtime.wiring import Hub
from tests.api.conftest import NOW

RULES = {"version": "1", "everything": {"way": {"kind": "share", "percent": 50}}}


def furnish(tx: Connection) -> None:
    profile = LocationProfile(country="DE", postal_code="10115")
    locations.put(tx, Location(id="depot", name="Depot", kind="warehouse", connection_id="shop", profile=profile))
    locations.put_mapping(tx, "shop", "D", "depot")
    for number in range(3):
        items.put(tx, Item(id=f"CUP-{number}", title="Cup"))
        map_sku(tx, f"CUP-{number}", Alias(sku=f"CUP-{number}"), by="test", now=NOW)
        receive(tx, f"cup:{number}", f"CUP-{number}", "depot", 8, at=NOW)
    begin(tx, "shop")
    found = [
        RemoteStock(item_external_id=str(n), sku=f"CUP-{n}", location_external_id="D", available=1) for n in range(3)
    ]
    stock_listings.take(tx, "shop", found, NOW)


@pytest_asyncio.fixture
async def admin(hub: Hub, shop: str, clients: SimpleNamespace) -> httpx.AsyncClient:
    """The shop's numbers are known, and its flow is in shadow."""
    client: httpx.AsyncClient = clients.admin
    await hub.database.write(furnish)
    (await client.put(f"/flows/{shop}/inventory", json={"mode": "shadow"})).raise_for_status()
    return client


async def test_the_matrix_is_paged_and_says_what_every_channel_may_show(admin: httpx.AsyncClient) -> None:
    first = (await admin.get("/inventory/matrix", params={"search": "CUP", "limit": 2})).json()
    second = (await admin.get("/inventory/matrix", params={"search": "CUP", "limit": 2, "after": first["next"]})).json()

    assert [line["item_id"] for line in first["lines"]] == ["CUP-0", "CUP-1"]
    assert [line["item_id"] for line in second["lines"]] == ["CUP-2"]
    assert second["next"] is None
    cell = first["lines"][0]["channels"][0]
    assert (cell["allocated"], cell["buffer"], cell["confirmed"]) == (8, 0, 1)


async def test_rules_are_proposed_previewed_and_approved(admin: httpx.AsyncClient) -> None:
    (await admin.put("/allocation-rules/1", json=RULES)).raise_for_status()
    early = await admin.post("/allocation-rules/1/approve")
    preview = (await admin.post("/allocation-rules/1/preview")).json()

    approved = (await admin.post("/allocation-rules/1/approve")).json()

    assert (early.status_code, early.json()["code"]) == (409, "not_previewed")
    assert preview["channels"]["shop"] == {
        "numbers": 3, "changed": 3, "units_before": 24, "units_after": 12, "sold_out": 0,
    }  # fmt: skip
    assert [(row["version"], row["active"]) for row in approved] == [("1", True)]


async def test_a_wrong_rule_is_refused_by_its_field(admin: httpx.AsyncClient) -> None:
    wrong = {"version": "1", "channels": {"shop": {"way": {"kind": "share", "percent": 120}}}}

    answer = await admin.put("/allocation-rules/1", json=wrong)

    assert answer.status_code == 422
    assert "percent" in answer.json()["errors"][0]["field"]


async def test_safety_stock_is_set_and_taken_away(admin: httpx.AsyncClient) -> None:
    scope = {"item_id": "CUP-1", "connection_id": "shop"}
    put = (await admin.put("/safety-stock", json=scope | {"units": 3})).json()["entries"]
    line = (await admin.get("/inventory/matrix/CUP-1")).json()

    gone = (await admin.put("/safety-stock", json=scope | {"units": None})).json()["entries"]

    assert [entry["units"] for entry in put] == [3]
    assert "depot: 3 safety stock (SKU CUP-1, channel shop)" in line["channels"][0]["why"]
    assert gone == []


async def test_a_flow_goes_through_shadow(shop: str, clients: SimpleNamespace) -> None:
    address = f"/flows/{shop}/inventory"
    early = await clients.operations.put(address, json={"mode": "on"})
    await clients.operations.put(address, json={"mode": "shadow"})

    answer = await clients.operations.put(address, json={"mode": "on", "canary_percent": 10})

    assert (early.status_code, early.json()["code"]) == (409, "shadow_first")
    assert (answer.json()["mode"], answer.json()["canary_percent"]) == ("on", 10)


async def test_the_matrix_finds_items_by_the_state_of_their_numbers(admin: httpx.AsyncClient, hub: Hub) -> None:
    await hub.database.write(
        lambda tx: tx.execute(update(LISTINGS).where(LISTINGS.c.sku == "CUP-1").values(error_code="gone"))
    )

    async def ids(**wanted: str) -> list[str]:
        page = (await admin.get("/inventory/matrix", params=wanted)).raise_for_status().json()
        return [line["item_id"] for line in page["lines"]]

    assert await ids(only="refused") == ["CUP-1"]
    assert await ids(only="refused", connection="elsewhere") == []
    assert await ids(location="depot", search="CUP-2") == ["CUP-2"]
    assert await ids(location="nowhere") == []


async def test_safety_stock_is_tried_out_before_it_is_set(admin: httpx.AsyncClient) -> None:
    preview = await admin.post("/safety-stock/preview", json={"item_id": "CUP-0", "units": 3})
    entries = (await admin.get("/safety-stock")).json()["entries"]

    effect = preview.raise_for_status().json()["channels"]["shop"]
    assert (effect["units_before"], effect["units_after"], effect["changed"]) == (8, 5, 1)
    assert entries == []
