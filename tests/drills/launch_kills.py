"""Launches on a real stack whose worker dies by SIGKILL in the middle of one channel's call, and what the windows show then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bench.catalog import install, many_products
from bench.demo_launch import CHANNELS
from bench.stage import Scene, until
from bench.windows import look
from db.launch_reading import LISTINGS
from db.order_reading import EFFECTS
from runtime.media import read_media

STEPS = ("look", "stage", "publish", "see", "restore")
CELLS = tuple((channel, step) for step in STEPS for channel in CHANNELS)
HELD_S = 0.8
"""How late the channel's platform answers, so that the kill falls into the call: it commits, and nobody hears of it."""
PATIENCE_S = 150
FAILING = {"platform": "shopify", "operation": "publicationUpdate"}
"""The channel that refuses at the moment, where something is to be restored; taking products out goes by the same call."""
Cell = tuple[str, str]


async def prepare(here: Scene, count: int) -> list[str]:
    """Products that pass every gate of the three channels: one per cell."""
    picture = f"{here.stack.settings.sandbox_url}/media/shirt-1000x1250.png"
    plain = [
        shirt
        | {
            "media": [{"url": picture}],
            "category": "stationery",  # Amazon's shirts have a color and a size
            "attributes": shirt["attributes"] | {"highlights": ["made to last"], "sheets": 10},
        }
        for shirt in many_products(count, variants=1)
    ]
    names = await install(here.hub.database, plain)
    await read_media(here.hub, names)
    return names


async def play(here: Scene, cell: Cell, product: str) -> dict[str, Any]:
    """One launch, the worker killed in this channel's call of this step; its end, what the windows show, how long it took."""
    channel, step = cell
    begun, launch = datetime.now(UTC), f"kill-{step}-{channel}"
    address = f"/launches/{launch}"
    wish = {
        "id": launch, "name": launch, "products": [product], "channels": list(CHANNELS), "approvals": 0,
        "go_live_at": (begun + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    await _trouble(here, channel)
    await here.sandbox.delete("/control/calls")
    (await here.api.post("/launches", json=wish)).raise_for_status()
    if step in {"look", "stage"}:
        await _kill(here, launch, cell)
    await until(lambda: _is(here, address, "embargo"), PATIENCE_S, f"{launch} is staged")
    if step == "restore":
        await _trouble(here, channel, {"kind": "refuse", "nth": [1], **FAILING})
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    (await here.api.post(f"{address}/move", json={"go_live_at": soon.isoformat()})).raise_for_status()
    if step in {"publish", "see", "restore"}:
        await _kill(here, launch, cell)
    await until(lambda: _is(here, address, "over"), PATIENCE_S, f"{launch} is over")
    await here.sandbox.delete("/control/faults")
    told = (await here.api.get(address)).json()
    sku = f"SHIRT-{int(product.rpartition('-')[2]):05}-1"
    return {
        "cell": [channel, step, "kill the worker"],
        "outcome": told["outcome"],
        "shown": {name: sku in await look(here.sandbox, window) for name, window in CHANNELS.items()},
        "seconds": round((datetime.now(UTC) - begun).total_seconds(), 1),
    }


async def _trouble(here: Scene, channel: str, *more: dict[str, Any]) -> None:
    late = {"kind": "delay", "probability": 1, "seconds": HELD_S, "platform": CHANNELS[channel].platform}
    (await here.sandbox.post("/control/faults", json={"faults": [late, *more]})).raise_for_status()


async def _kill(here: Scene, launch: str, cell: Cell) -> None:
    """As soon as the call is under way: a held answer is still to come."""
    await until(lambda: _under_way(here, launch, cell), PATIENCE_S, f"{launch} has come so far")
    await asyncio.sleep(HELD_S / 4)
    here.stack.kill("worker")


async def _under_way(here: Scene, launch: str, cell: Cell) -> bool:
    """By the intent on record, or by the published fact; what only asks leaves neither, so there the platform is asked."""
    channel, step = cell
    if step == "look" or cell == ("amazon-us", "stage"):
        calls = (await here.sandbox.get("/control/calls")).json()
        asked = {operation for platform, _, operation, *_ in calls if platform == CHANNELS[channel].platform}
        return bool(asked if step == "look" else "putListingsItem" in asked)
    sought = (
        select(LISTINGS.c.state).where(
            LISTINGS.c.launch_id == launch, LISTINGS.c.connection_id == channel, LISTINGS.c.state == "published"
        )
        if step == "see"
        else select(EFFECTS.c.key).where(
            EFFECTS.c.key.startswith(f"launch-{step}:{launch}:{channel}:", autoescape=True)
        )
    )
    return await here.hub.database.read(lambda tx: tx.execute(sought.limit(1)).first() is not None)


def _is(here: Scene, address: str, stage: str) -> Awaitable[bool]:
    async def ask() -> bool:
        told = (await here.api.get(address)).json()
        if told["stage"] == "blocked":
            raise RuntimeError(f"{address}: {(await here.api.get(f'{address}/findings')).json()}")
        return bool(told["stage"] == stage)

    return ask()
