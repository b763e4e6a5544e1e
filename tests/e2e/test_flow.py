"""Through the real processes, on PostgreSQL where it is installed: orders that come while the engine is down, and returns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bench.drill.buyers import bodies, shop_of
from bench.drill.people import staff
from bench.drill.scorecard import doubles, oversold_units
from bench.stage import Scene, scene, until
from db.inbox import INBOX
from db.ledger import verify
from runtime.settings import Settings
from tests.db.postgres import fresh_database

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
KINDS = ("one_parcel", "split_over_locations", "store_pickup", "bundle", "no_shipping", "payment_authorized")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(tmp_path_factory: pytest.TempPathFactory, postgres_server: str | None) -> AsyncIterator[Scene]:
    """One merchant for the tests of this file."""
    var = tmp_path_factory.mktemp("flow") / "var"
    settings = Settings(var=var, api_port=0, temporal_port=0, temporal_ui_port=0, sandbox_port=0, console_port=0)
    database = nullcontext(settings.database_url)
    with fresh_database(postgres_server, "tutti_flow") if postgres_server else database as url:
        async with scene(settings.model_copy(update={"database_url": url})) as opened:
            yield opened


async def place(here: Scene, *kinds: str) -> dict[str, str]:
    """One order of each kind; the shop's name of each by its id."""
    known = bodies()
    shown = [
        (shop_of(known[kind]), await here.place(shop_of(known[kind]), known[kind], renumber=True)) for kind in kinds
    ]
    return {f"{connection}-{order['id']}": order["name"] for connection, order in shown}


async def until_ended(here: Scene, placed: dict[str, str]) -> list[str]:
    """The outcomes of these orders, once all have one."""

    async def outcomes() -> list[str]:
        return [row.outcome for row in await here.orders() if row.id in placed and row.outcome]

    async def ended() -> bool:
        return len(await outcomes()) == len(placed)

    working = asyncio.create_task(staff(here))
    await until(ended, 120, "every order has ended")
    working.cancel()
    return sorted(await outcomes())


async def test_orders_that_came_while_temporal_was_down_are_drained_later_and_end_as_well(here: Scene) -> None:
    async with here.stack.without("temporal"):
        placed = await place(here, *KINDS)
        await here.sandbox.post("/control/webhooks/drain")
        told = (await here.sandbox.get("/control/webhooks")).json()
        stored = await here.hub.database.read(lambda tx: len(tx.execute(select(INBOX)).all()))
        waiting = [row.outcome for row in await here.orders() if row.id in placed]
    outcomes = await until_ended(here, placed)
    differences = await here.hub.database.read(verify)
    oversold = await here.hub.database.read(oversold_units)
    doubled = await doubles(here.sandbox)

    assert "given_up" not in told
    assert stored >= len(KINDS)
    assert set(waiting) <= {None}
    assert outcomes == ["fulfilled"] * 5 + ["nothing_to_ship"]
    assert (differences, oversold, doubled) == ((), {}, [])


async def bought(here: Scene) -> tuple[str, str]:
    """An order of the American shop that has arrived; its id and its name there."""
    placed = await place(here, "one_parcel")
    assert await until_ended(here, placed) == ["fulfilled"]
    (only,) = placed.items()
    return only


async def known(here: Scene, rma: str) -> dict[str, Any]:
    """A return as the hub shows it."""
    return dict((await here.api.get(f"/returns/{rma}")).raise_for_status().json())


async def until_returned(here: Scene, rma: str, line: dict[str, Any], at: str) -> dict[str, Any]:
    """All of the line is taken in there, found as new, and the return ends."""
    item = {"item_id": line["sku"], "quantity": line["eligible"]}
    came = {"key": "r1", "location_id": at, **item}
    (await here.api.post(f"/store/returns/{rma}/receive", json=came)).raise_for_status()
    seen = {"key": "g1", "line_id": line["line_id"], "grade": "new", **item}
    (await here.api.post(f"/store/returns/{rma}/inspect", json=seen)).raise_for_status()

    async def over() -> bool:
        return bool((await known(here, rma))["outcome"])

    await until(over, 120, "the return has ended")
    return await known(here, rma)


async def refunds(here: Scene) -> int:
    """How many the shop made, by its own count."""
    return sum((await here.counters())["shopify"].get("refund", {}).values())


async def test_a_web_order_comes_back_to_a_store_and_is_refunded_by_the_shop(here: Scene) -> None:
    (order, name), before = await bought(here), await refunds(here)
    found = (await here.api.get("/returns/lookup", params={"q": name})).json()
    line = found[0]["lines"][0]
    wish = {"order_id": order, "method": "in_store", "location_id": "store-ny",
            "lines": [{"line_id": line["line_id"], "quantity": line["eligible"], "reason": "too_big"}]}  # fmt: skip
    rma = (await here.api.post("/returns", json=wish)).raise_for_status().json()["return_id"]

    shown = await until_returned(here, rma, line, "store-ny")
    differences = await here.hub.database.read(verify)
    returns = (await here.api.get("/store/store-ny/returns")).json()

    assert shown["outcome"] == "refunded"
    assert [refund["state"] for refund in shown["refunds"]] == ["made"]
    assert await refunds(here) == before + 1
    assert [entry["kind"] for entry in shown["goods"]] == ["announced", "authorized", "received", "graded", "restocked"]
    assert (differences, returns) == ((), [])


async def test_a_buyer_sends_it_back_by_the_page_and_a_label_and_is_refunded_by_the_shop(here: Scene) -> None:
    (order, _), before = await bought(here), await refunds(here)
    page = (await here.api.get(f"/orders/{order}/return-page")).json()["path"]
    (line,) = (await here.api.get(page)).json()["lines"]
    wanted = {"line_id": line["line_id"], "quantity": line["eligible"], "reason": "too_big"}
    opened = (await here.api.post(page, json={"method": "label", "lines": [wanted]})).raise_for_status()
    rma = opened.json()["return_id"]

    async def labeled() -> bool:
        return bool((await known(here, rma))["parcels"])

    async def scanned() -> bool:
        return bool((await known(here, rma))["parcels"][0]["status"])

    await until(labeled, 60, "the label is bought")
    (mine,) = (await here.api.get(page)).json()["returns"]
    label = await here.api.get(mine["label"], follow_redirects=False)
    number = mine["parcels"][0]["tracking_number"]
    (await here.sandbox.post(f"/control/shipengine/parcels/{number}/accept")).raise_for_status()
    await until(scanned, 60, "the carrier's first scan is known")
    shown = await until_returned(here, rma, line, (await known(here, rma))["location_id"])
    (ended,) = (await here.api.get(page)).json()["returns"]

    assert (mine["state"], label.status_code) == ("awaiting_goods", 303)
    assert (ended["outcome"], [refund["state"] for refund in shown["refunds"]]) == ("refunded", ["made"])
    assert await refunds(here) == before + 1
    assert await here.hub.database.read(verify) == ()
