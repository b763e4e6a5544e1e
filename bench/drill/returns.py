"""Returns on a bad day: the provider commits refunds and drops the answers while worker and engine are killed."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench.comeback import Comeback
from bench.drill.phone_orders import PRICE_MINOR, bought, open_phone, until_shipped
from bench.orders import plenty
from bench.stage import Scene, scene
from db.ledger import verify
from db.returns.rows import GOODS, REFUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bench.drill.scorecard import Check
    from runtime.settings import Settings

    Say = Callable[[str], None]

BLOWS = ("worker", "temporal", "worker")
PACE = 12.0
PATIENCE_S = 400.0
SKU = "TEE-BLK-M"
FAULTS = [
    {"kind": "commit_then_drop", "platform": "stripe", "operation": "PostRefunds", "probability": 0.4},
    {"kind": "answer_twice", "platform": "stripe", "operation": "PostRefunds", "probability": 0.2},
    {"kind": "server_error", "platform": "stripe", "operation": "PostRefunds", "probability": 0.1},
    {"kind": "webhook_duplicated", "platform": "stripe", "probability": 0.5},
]


async def returns_day(settings: Settings, count: int, say: Say) -> tuple[dict[str, float], dict[str, Check]]:
    """So many orders are shipped, and all come back; figures and invariants, by Stripe's own count of refunds."""
    async with scene(settings, say=say, installation=plenty) as here:
        await open_phone(here)
        payments = await bought(here, count, SKU)
        await until_shipped(here, set(payments), PATIENCE_S)
        say(f"{count} orders are paid at Stripe and shipped")
        (await here.sandbox.post("/control/faults", json={"seed": count, "faults": FAULTS})).raise_for_status()
        comeback = Comeback(here)
        bringing = asyncio.create_task(comeback.bring(list(payments), PACE))
        kills = await _strike(here, count / PACE, say)
        returns = await bringing
        seconds = await comeback.until_over(returns, PATIENCE_S)
        say(f"{count} returns have ended after {seconds:.1f} s")
        injected = sum((await here.sandbox.get("/control/faults")).json()["injected"].values())
        (await here.sandbox.delete("/control/faults")).raise_for_status()
        metrics = {"returns": float(count), "returns_seconds": seconds, "returns_faults_injected": float(injected)}
        metrics |= {f"returns_kills_{part}": float(n) for part, n in kills.items()}
        return metrics, await _checks(here, payments, comeback, set(returns))


async def _strike(here: Scene, seconds: float, say: Say) -> Counter[str]:
    """SIGKILL, evenly over the time in which goods come back."""
    kills: Counter[str] = Counter()
    started = monotonic()
    for number, part in enumerate(BLOWS, start=1):
        await asyncio.sleep(max(0.0, started + seconds * number / (len(BLOWS) + 1) - monotonic()))
        here.stack.kill(part)
        kills[part] += 1
        await here.stack.until_ready(part)
        say(f"{part}: killed, and back")
    return kills


async def _checks(here: Scene, payments: dict[str, str], comeback: Comeback, returns: set[str]) -> dict[str, Check]:
    counted = (await here.counters())["stripe"]
    refunds, given = counted.get("refunds", {}), counted.get("refunded_minor", {})
    twice = {reference: times for reference, times in refunds.items() if times != 1}
    wrong = {
        order: given.get(payment, 0) for order, payment in payments.items() if given.get(payment, 0) != PRICE_MINOR
    }
    ended = Counter(row.outcome for row in await comeback.rows(returns))
    differences = await here.hub.database.read(verify)
    restocked, received, planned = await here.hub.database.read(_sums)
    return {
        "each_return_is_refunded_exactly_once": (
            len(refunds) == len(payments) and not twice,
            f"{len(refunds)} refunds of {len(payments)} payments by Stripe's own count, made more than once: {twice}",
        ),
        "each_buyer_has_the_whole_price_back": (not wrong, f"given back, by Stripe's own count: {wrong}"),
        "every_return_ended_as_refunded": (set(ended) == {"refunded"}, f"ended as {dict(ended)}"),
        "every_unit_is_back_in_stock_once": (restocked == received > 0, f"received {received}, restocked {restocked}"),
        "no_refund_is_left_open": (not planned, f"refunds not made: {planned}"),
        "the_ledger_adds_up": (not differences, f"differences: {differences}"),
    }


def _sums(tx: Connection) -> tuple[int, int, int]:
    rows = tx.execute(select(GOODS.c.kind, func.sum(GOODS.c.quantity)).group_by(GOODS.c.kind))
    units = {kind: int(quantity) for kind, quantity in rows}
    left = tx.execute(select(func.count()).where(REFUNDS.c.state != "made")).scalar_one()
    return units.get("restocked", 0), units.get("received", 0), int(left)
