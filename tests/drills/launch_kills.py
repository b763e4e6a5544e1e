"""Launches on a real stack whose worker dies by SIGKILL in the middle of a step, and what the windows show afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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
HELD_S = 0.8
"""How late every platform answers, so that a kill falls into the middle of a call: it commits, and nobody hears of it."""
PATIENCE_S = 150
Windows = dict[str, bool]


async def prepare(here: Scene) -> dict[str, str]:
    """One product per step."""
    picture = f"{here.stack.settings.sandbox_url}/media/shirt-1000x1250.png"
    shirts = many_products(len(STEPS), variants=1)
    plain = [
        shirt | {"media": [{"url": picture}], "attributes": shirt["attributes"] | {"highlights": ["made to last"]}}
        for shirt in shirts
    ]
    for shirt in plain:  # Amazon's shirts have a color and a size; a mug needs neither
        shirt |= {"category": "stationery", "attributes": shirt["attributes"] | {"sheets": 10}}
    names = await install(here.hub.database, plain)
    await read_media(here.hub, names)
    return dict(zip(STEPS, names, strict=True))


async def play(here: Scene, step: str, product: str) -> dict[str, Any]:
    """One launch, the worker killed at this step; its end, what the windows show, and how long it took."""
    begun = datetime.now(UTC)
    launch, address = f"kill-{step}", f"/launches/kill-{step}"
    moment = begun + timedelta(hours=1)
    wish = {
        "id": launch, "name": step, "products": [product], "channels": list(CHANNELS), "approvals": 0,
        "go_live_at": moment.isoformat(),
    }  # fmt: skip
    late = [{"kind": "delay", "probability": 1, "seconds": HELD_S}]
    if step == "restore":
        late.append({"kind": "refuse", "platform": "amazon", "operation": "putListingsItem", "nth": [2]})
    (await here.sandbox.post("/control/faults", json={"faults": late})).raise_for_status()
    (await here.api.post("/launches", json=wish)).raise_for_status()
    if step == "look":
        await asyncio.sleep(HELD_S / 2)
        _kill(here)
    if step == "stage":
        await _when(here, launch, _called("launch-stage"))
    await until(lambda: _is(here, address, "embargo"), PATIENCE_S, f"{launch} is staged")
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    (await here.api.post(f"{address}/move", json={"go_live_at": soon.isoformat()})).raise_for_status()
    if step in {"publish", "restore"}:
        await _when(here, launch, _called(f"launch-{step}"))
    if step == "see":
        await _when(here, launch, _published)
    await until(lambda: _is(here, address, "over"), PATIENCE_S, f"{launch} is over")
    await here.sandbox.delete("/control/faults")
    told = (await here.api.get(address)).json()
    sku = f"SHIRT-{int(product.rpartition('-')[2]):05}-1"
    windows = {name: sku in await look(here.sandbox, window) for name, window in CHANNELS.items()}
    seconds = (datetime.now(UTC) - begun).total_seconds()
    return {
        "cell": ["every channel", step, "kill the worker"],
        "outcome": told["outcome"],
        "shown": windows,
        "seconds": seconds,
    }


def _kill(here: Scene) -> None:
    here.stack.kill("worker")


async def _when(here: Scene, launch: str, holds: Callable[[Any, str], bool]) -> None:
    """Kill the worker as soon as this stands in the database."""
    await until(lambda: here.hub.database.read(lambda tx: holds(tx, launch)), PATIENCE_S, f"{launch} has come so far")
    await asyncio.sleep(HELD_S / 4)
    _kill(here)


def _called(kind: str) -> Callable[[Any, str], bool]:
    def holds(tx: Any, launch: str) -> bool:
        return (
            tx.execute(select(EFFECTS.c.key).where(EFFECTS.c.key.startswith(f"{kind}:{launch}:"))).first() is not None
        )

    return holds


def _published(tx: Any, launch: str) -> bool:
    mine = select(LISTINGS.c.state).where(LISTINGS.c.launch_id == launch, LISTINGS.c.state == "published")
    return tx.execute(mine).first() is not None


def _is(here: Scene, address: str, stage: str) -> Awaitable[bool]:
    async def ask() -> bool:
        told = (await here.api.get(address)).json()
        if told["stage"] == "blocked":
            raise RuntimeError(f"{address}: {(await here.api.get(f'{address}/findings')).json()}")
        return bool(told["stage"] == stage)

    return ask()
