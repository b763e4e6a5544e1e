"""The bad day: orders flow while platforms fail and processes die; then the storm ends and all must be well."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from statistics import quantiles
from time import monotonic
from typing import TYPE_CHECKING, Any

from bench.drill.buyers import Buyers
from bench.drill.fate import Fate
from bench.drill.people import Operations, staff
from bench.drill.scorecard import Check, measure, waiting_for_a_named_cause
from bench.drill.storm import Storm
from bench.stage import Scene, scene, until
from db import connections

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from sqlalchemy import Connection

    from bench.drill.plan import Plan
    from runtime.settings import Settings

    Say = Callable[[str], None]

PATIENCE_S = 180.0
REST_S = 25.0
"""Without a new fact for this long, what is left waits for something that nobody does today."""
SWEEP_EVERY_S = 5.0
"""On an ordinary day it is minutes: a drill cannot wait for that."""
WAREHOUSE = {
    "rules": [
        {"sku": "BATTERY-AA", "behavior": {"ship_after": 1.0}},  # nobody else may ship it
        {"order_number": "#*7", "reference": "*-F1", "behavior": {"outcome": "reject", "reason": "OutOfStock"}},
        {"order_number": "#*3", "behavior": {"parcels": 2, "parcel_gap": 0.5, "ship_after": 1.0}},
    ],
    "otherwise": {"pick_after": 0.5, "ship_after": 1.5, "refuse_cancel_probability": 0.2},
}


@dataclass(frozen=True)
class Score:
    """Figures, invariants, and one line per order that has not ended."""

    metrics: dict[str, float]
    checks: dict[str, Check]
    items: list[dict[str, Any]]


async def bad_day(settings: Settings, plan: Plan, say: Say) -> Score:
    """Play it on a stack of its own."""
    started = monotonic()
    async with scene(settings, say=say) as here:
        await _prepare(here, plan)
        buyers, fate, storm = Buyers(here, plan), Fate(here, plan, say), Storm(here, plan, say)
        async with _meanwhile(staff(here), Operations(here).work(), _progress(here, plan, say)):
            async with _meanwhile(*([storm.blow()] if plan.storm else [])):
                await asyncio.gather(buyers.order(), fate.strike())
            await storm.end()
            say("the storm is over, nothing more is killed")
            await here.sandbox.post("/control/webhooks/drain")
            overdue = await _until_settled(here, buyers)
        metrics, checks = await measure(here.hub.database, here.sandbox, buyers.placed)
        checks["all_is_settled_in_time"] = (not overdue, overdue)
        metrics |= {f"kills_{part}": kills for part, kills in fate.kills.items()}
        metrics |= {"recovery_p95_ms": p95(fate.recoveries_ms), "recovery_max_ms": max(fate.recoveries_ms, default=0)}
        metrics |= {"faults_injected": storm.injected, "canceled_by_buyers": buyers.canceled}
        metrics |= {"seconds": round(monotonic() - started, 1)}
        left = [row for row in await here.orders() if row.outcome is None]
        return Score(metrics, checks, [{"order": row.id, "state": row.state, "why": row.why} for row in left])


def p95(values: list[float]) -> float:
    """The nearest that a few values allow."""
    return round(quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else sum(values))


async def _prepare(here: Scene, plan: Plan) -> None:
    def work(tx: Connection) -> None:
        for row in connections.every(tx):
            connections.change(tx, row.id, settings=row.settings | {"sweep_seconds": SWEEP_EVERY_S})

    await here.hub.database.write(work)
    await here.warehouse(seed=plan.seed, **WAREHOUSE)


async def _until_settled(here: Scene, buyers: Buyers) -> str:
    """Every order that a buyer placed is known and has ended, or rests with a named cause; else what is overdue."""
    seen, since = -1, monotonic()

    async def is_settled() -> bool:
        nonlocal seen, since
        rows = await here.orders()
        facts = sum(row.seq for row in rows)
        if facts != seen:
            seen, since = facts, monotonic()
        known = {(row.connection_id, row.external_id): row for row in rows}
        if not known.keys() >= set(buyers.placed):
            return False
        left = {row.id for row in rows if row.outcome in {None, "stopped"}}
        named = await here.hub.database.read(waiting_for_a_named_cause)
        return not left or (left <= named and monotonic() - since > REST_S)

    try:
        await until(is_settled, PATIENCE_S, "every order has ended, or rests with a named cause")
    except TimeoutError as late:
        return str(late)
    return ""


async def _progress(here: Scene, plan: Plan, say: Say) -> None:
    while True:
        await asyncio.sleep(5)
        rows = await here.orders()
        say(f"{len(rows)} of {plan.orders} orders are in, {sum(row.outcome is not None for row in rows)} have ended")


@asynccontextmanager
async def _meanwhile(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these beside the block, then cancel them; what breaks one of them breaks the drill."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
