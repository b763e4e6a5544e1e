"""Bought at a web shop, brought back to a store: through the real processes and the shop's own refund."""

import asyncio
from typing import Any

import pytest

from bench.drill.buyers import bodies
from bench.drill.people import staff
from bench.stage import Scene, scene, until
from db.ledger import verify

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


async def sent_back_by_mail(here: Scene) -> tuple[str, str, list[str], str]:
    """The buyer's page, a label of the simulated carrier, its first scan, receipt, inspection, refund."""
    placed = await here.place("shopify-us", bodies()["one_parcel"], renumber=True)
    order = f"shopify-us-{placed['id']}"
    working = asyncio.create_task(staff(here))

    async def fulfilled() -> bool:
        row = await here.order(order)
        return row is not None and row.outcome == "fulfilled"

    await until(fulfilled, 60, "the order is fulfilled")
    working.cancel()
    page = (await here.api.get(f"/orders/{order}/return-page")).json()["path"]
    (line,) = (await here.api.get(page)).json()["lines"]
    wanted = {"line_id": line["line_id"], "quantity": line["eligible"], "reason": "too_big"}
    rma = (
        (await here.api.post(page, json={"method": "label", "lines": [wanted]})).raise_for_status().json()["return_id"]
    )

    async def known() -> dict[str, Any]:
        return dict((await here.api.get(f"/returns/{rma}")).json())

    async def labeled() -> bool:
        return bool((await known())["parcels"])

    await until(labeled, 60, "the label is bought")
    (mine,) = (await here.api.get(page)).json()["returns"]
    assert (await here.api.get(mine["label"], follow_redirects=False)).status_code == 303
    number = mine["parcels"][0]["tracking_number"]
    (await here.sandbox.post(f"/control/shipengine/parcels/{number}/accept")).raise_for_status()

    async def scanned() -> bool:
        return bool((await known())["parcels"][0]["status"])

    await until(scanned, 60, "the carrier's first scan is known")
    at = (await known())["location_id"]
    item = {"item_id": line["sku"], "quantity": line["eligible"]}
    (
        await here.api.post(f"/store/returns/{rma}/receive", json={"key": "r", "location_id": at, **item})
    ).raise_for_status()
    seen = {"key": "g", "line_id": line["line_id"], "grade": "new", **item}
    (await here.api.post(f"/store/returns/{rma}/inspect", json=seen)).raise_for_status()

    async def over() -> bool:
        return bool((await known())["outcome"])

    await until(over, 60, "the return has ended")
    (ended,) = (await here.api.get(page)).json()["returns"]
    return mine["state"], ended["outcome"], [refund["state"] for refund in (await known())["refunds"]], at


async def test_a_web_order_comes_back_to_a_store_and_is_refunded_by_the_shop(settings):
    async with scene(settings) as here:
        placed = await here.place("shopify-us", bodies()["one_parcel"], renumber=True)
        order = f"shopify-us-{placed['id']}"
        working = asyncio.create_task(staff(here))

        async def fulfilled() -> bool:
            row = await here.order(order)
            return row is not None and row.outcome == "fulfilled"

        await until(fulfilled, 60, "the order is fulfilled")
        working.cancel()
        found = (await here.api.get("/returns/lookup", params={"q": placed["name"]})).json()
        line = found[0]["lines"][0]
        wish = {"order_id": order, "method": "in_store", "location_id": "store-ny",
                "lines": [{"line_id": line["line_id"], "quantity": line["eligible"], "reason": "too_big"}]}  # fmt: skip
        rma = (await here.api.post("/returns", json=wish)).raise_for_status().json()["return_id"]
        item = {"item_id": line["sku"], "quantity": line["eligible"]}
        came = {"key": "r1", "location_id": "store-ny", **item}
        (await here.api.post(f"/store/returns/{rma}/receive", json=came)).raise_for_status()
        seen = {"key": "g1", "line_id": line["line_id"], "grade": "new", **item}
        (await here.api.post(f"/store/returns/{rma}/inspect", json=seen)).raise_for_status()

        async def over() -> bool:
            return bool((await here.api.get(f"/returns/{rma}")).json()["outcome"])

        await until(over, 60, "the return has ended")
        shown = (await here.api.get(f"/returns/{rma}")).json()
        refunds = (await here.counters())["shopify"]["refund"]
        differences = await here.hub.database.read(verify)
        returns = (await here.api.get("/store/store-ny/returns")).json()

        by_mail = await sent_back_by_mail(here)

    assert shown["outcome"] == "refunded"
    assert by_mail == ("awaiting_goods", "refunded", ["made"], "ATL")
    assert [refund["state"] for refund in shown["refunds"]] == ["made"]
    assert sum(refunds.values()) == 1
    assert [entry["kind"] for entry in shown["goods"]] == ["announced", "authorized", "received", "graded", "restocked"]
    assert (differences, returns) == ((), [])
