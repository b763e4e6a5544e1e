"""Control arms: each of the drill's checks is shown to hold with a protection and to fail without it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from unittest.mock import patch

from temporalio.service import RPCError, RPCStatusCode

import db.routing
from activities.effects import Effects
from bench.drill.buyers import bodies
from bench.drill.mutants import BlindEffects, RandomReferences, reserve_without_condition
from bench.drill.scorecard import Check, doubles, oversold_units
from bench.drill.small_world import effect_ledger, routed, runs, sent, small_world, swept
from db.facts import OUTBOX
from db.ledger import reserve as reserve_as_it_is
from runtime.apart import apart
from runtime.dispatch import Dispatch
from runtime.reconcile import Reconciler
from runtime.supervisor import Stack
from runtime.temporal import connect
from workflows.names import order_routing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from bench.stage import Scene
    from runtime.installation import Installation

    Arm = Callable[[Path, bool], Awaitable[int]]

ORDERS = 8


async def controls(folder: Path, say: Callable[[str], None], arms: Mapping[str, Arm]) -> dict[str, Check]:
    """One check per protection: what was counted with it, and without it. Writes below the folder."""
    found = {}
    for name, arm in arms.items():
        protected, bare = await arm(folder / f"{name}-on", True), await arm(folder / f"{name}-off", False)
        found[f"control_{name}"] = (
            protected == 0 and bare > 0,
            f"wrong with the protection: {protected}, without it: {bare}",
        )
        say(f"control arm {name.replace('_', ' ')}: {found[f'control_{name}'][1]}")
    return found


async def duplicates(folder: Path, is_protected: bool) -> int:
    """Answers of the 3PL are lost after the work was done."""
    async with small_world(folder) as here:
        await _place(here)
        await swept(here)
        dropped = {"kind": "commit_then_drop", "platform": "shipbob", "operation": "create-order", "nth": [1, 3, 5]}
        await here.sandbox.post("/control/faults", json={"faults": [dropped]})
        effects = Effects(effect_ledger(here)) if is_protected else BlindEffects(effect_ledger(here))
        connections = here.hub if is_protected else RandomReferences(here.hub)
        for order in await runs(here):
            await sent(here, order, await routed(here, order), effects, connections)
        await here.sandbox.post("/control/shipbob/settle")
        return len(await doubles(here.sandbox))


async def oversold(folder: Path, is_protected: bool) -> int:
    """Many orders at once want the same single unit."""

    def one_unit(file: Installation) -> Installation:
        return file.model_copy(update={"stock": {"ATL": {"TEE-BLK-M": 1}}})

    async with small_world(folder, one_unit) as here:
        await _place(here)
        await swept(here)
        orders = await runs(here)
        reserve = reserve_as_it_is if is_protected else reserve_without_condition
        with patch.object(db.routing, "reserve", reserve):
            await asyncio.gather(*(routed(here, order) for order in orders))
        return sum((await here.hub.database.read(oversold_units)).values())


async def lost(folder: Path, is_protected: bool) -> int:
    """No webhook arrives."""
    async with small_world(folder) as here:
        placed = await _place(here)
        if is_protected:
            await swept(here)
        known = {row.external_id for row in await here.orders()}
        return len(placed - known)


async def without_a_run(folder: Path, is_protected: bool) -> int:
    """Orders whose runs were in a Temporal file that is gone: the server knows nothing of them."""
    async with (
        small_world(folder) as here,
        Stack(apart(folder / "engine"), parts=["temporal"], any_free_port=True) as stack,
    ):
        await _place(here)
        await swept(here)
        orders = await runs(here)
        client = await connect(stack.settings)
        await here.hub.database.write(lambda tx: tx.execute(OUTBOX.delete()))  # all had been told
        reconciler, dispatch = Reconciler(here.hub, client), Dispatch(here.hub, client)
        for _ in range(2):
            if is_protected:
                await reconciler.reconcile()
            await dispatch.drain()
        missing = 0
        for order in orders:
            try:
                await client.get_workflow_handle(order_routing(order.order_id)).describe()
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                missing += 1
        return missing


ARMS: dict[str, Arm] = {
    "effect_key_and_look_up": duplicates,
    "conditional_reservation": oversold,
    "sweep": lost,
    "reconciler": without_a_run,
}


async def _place(here: Scene) -> set[str]:
    body = bodies()["one_parcel"]
    return {str((await here.place("shopify-us", body, renumber=True))["id"]) for _ in range(ORDERS)}
