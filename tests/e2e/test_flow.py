"""Orders through the real processes: while the engine is down, and on PostgreSQL."""

import asyncio

import pytest
from sqlalchemy import select

from bench.drill.buyers import bodies, shop_of
from bench.drill.people import staff
from bench.drill.scorecard import doubles, oversold_units
from bench.stage import Scene, scene, until
from db.inbox import INBOX
from db.ledger import verify

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
KINDS = ("one_parcel", "split_over_locations", "store_pickup", "bundle", "no_shipping", "payment_authorized")


async def place(here: Scene) -> None:
    known = bodies()
    for kind in KINDS:
        await here.place(shop_of(known[kind]), known[kind], renumber=True)


async def until_ended(here: Scene) -> list[str]:
    """Every order's outcome, once all have one."""

    async def ended() -> bool:
        rows = await here.orders()
        return len(rows) == len(KINDS) and all(row.outcome for row in rows)

    working = asyncio.create_task(staff(here))
    await until(ended, 120, "every order has ended")
    working.cancel()
    return sorted(row.outcome for row in await here.orders())


async def test_webhooks_are_accepted_while_temporal_is_down_and_drained_later(settings):
    async with scene(settings) as here:
        async with here.stack.without("temporal"):
            await place(here)
            await here.sandbox.post("/control/webhooks/drain")
            told = (await here.sandbox.get("/control/webhooks")).json()
            stored = await here.hub.database.read(lambda tx: len(tx.execute(select(INBOX)).all()))
            waiting = [row.outcome for row in await here.orders()]
        outcomes = await until_ended(here)

    assert "given_up" not in told
    assert stored >= len(KINDS)
    assert set(waiting) <= {None}
    assert outcomes == ["fulfilled"] * 5 + ["nothing_to_ship"]


async def test_orders_end_as_well_on_postgresql(settings, postgres_url):
    async with scene(settings.model_copy(update={"database_url": postgres_url})) as here:
        await place(here)
        outcomes = await until_ended(here)
        differences = await here.hub.database.read(verify)
        oversold = await here.hub.database.read(oversold_units)
        doubled = await doubles(here.sandbox)

    assert outcomes == ["fulfilled"] * 5 + ["nothing_to_ship"]
    assert (differences, oversold, doubled) == ((), {}, [])
