"""Bought at a web shop, brought back to a store: through the real processes and the shop's own refund."""

import asyncio

import pytest

from bench.drill.buyers import bodies
from bench.drill.people import staff
from bench.stage import scene, until
from db.ledger import verify

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


async def test_a_web_order_comes_back_to_a_store_and_is_refunded_by_the_shop(settings):
    async with scene(settings) as here:
        placed = await here.place("shopify-us", bodies()["one_parcel"], renumber=True)
        order = f"shopify-us-{placed['id']}"
        working = asyncio.create_task(staff(here))

        async def fulfilled() -> bool:
            row = await here.order(order)
            return row is not None and row.outcome == "fulfilled"

        await until(fulfilled, 120, "the order is fulfilled")
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

        await until(over, 120, "the return has ended")
        shown = (await here.api.get(f"/returns/{rma}")).json()
        refunds = (await here.counters())["shopify"]["refund"]
        differences = await here.hub.database.read(verify)
        returns = (await here.api.get("/store/store-ny/returns")).json()

    assert shown["outcome"] == "refunded"
    assert [refund["state"] for refund in shown["refunds"]] == ["made"]
    assert sum(refunds.values()) == 1
    assert [entry["kind"] for entry in shown["goods"]] == ["announced", "authorized", "received", "graded", "restocked"]
    assert (differences, returns) == ((), [])
