"""A flash sale at one shop, which throttles: how much later the other channels confirm what changes meanwhile."""

from __future__ import annotations

import asyncio
import statistics
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select

from bench.publication import SEED, change, latencies_of
from bench.stage import Scene, scene, until
from bench.stock_channels import LOCATION, open_shopify, open_square, open_woocommerce, slow_down, stock
from db.availability import LISTINGS
from db.ledger import move

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from runtime.settings import Settings

FLOODED, OTHERS = "flash", ("calm-woocommerce", "calm-square")
PAIRS = 6
"""As many with the sale first as with it last: the first round of a pair is the slower one."""
CHANGES, PER_SECOND = 200, 20
"""Of a round, at the calm channels."""
SALES_AT_ONCE, PAUSE_S = 25, 0.25
"""Movements of the flooded shop's items in one transaction, and the time between two."""
FLASH = [f"F{number:04}" for number in range(600)]
CALM = [f"C{number:04}" for number in range((1 + 2 * PAIRS) * CHANGES)]
TIGHT = {"bucket_size": 60, "restore_rate": 4}
"""The flooded platform's budget: a call every few seconds."""


async def run(settings: Settings, say: Callable[[str], None]) -> dict[str, float]:
    """Rounds without and with the sale in turn, on one stack; the geometric mean of the pairs' ratios."""
    async with scene(settings, say=say) as here:
        await stock(here, [await open_shopify(here, FLOODED, FLASH)], FLASH)
        calm = [await open_woocommerce(here, OTHERS[0], CALM), await open_square(here, OTHERS[1], CALM)]
        await stock(here, calm, CALM)
        await until(lambda: here.hub.database.read(_are_calm), 120, "every number is confirmed")
        await slow_down(here, SEED)
        (await here.sandbox.patch(f"/control/shopify/shops/{FLOODED}", json=TIGHT)).raise_for_status()
        order, quiet, flooded = Random(SEED).sample(CALM, len(CALM)), [], []
        await _round(here, order[-CHANGES:])  # not counted: it uses up what the calm platforms allow as a burst
        for pair in range(PAIRS):
            first, second = (order[(2 * pair + nth) * CHANGES :][:CHANGES] for nth in (0, 1))
            if pair % 2:  # what a round leaves behind, or the machine does meanwhile, is the other's turn to bear
                flooded.append(await _flooded_round(here, first))
                quiet.append(await _round(here, second))
            else:
                quiet.append(await _round(here, first))
                flooded.append(await _flooded_round(here, second))
            say(f"pair {pair + 1} of {PAIRS}: p95 {quiet[-1]:.0f} ms calm, {flooded[-1]:.0f} ms beside a flash sale")
    return {
        "flash_sale_others_p95_ms": statistics.median(flooded),
        "flash_sale_calm_p95_ms": statistics.median(quiet),
        "flash_sale_others_p95_growth": statistics.geometric_mean(f / q for f, q in zip(flooded, quiet, strict=True)),
    }


def _are_calm(tx: Connection) -> bool:
    """Whether the calm channels show what they should."""
    rows = tx.execute(select(LISTINGS.c.state, LISTINGS.c.expected, LISTINGS.c.confirmed).where(LISTINGS.c.connection_id.in_(OTHERS))).all()  # fmt: skip
    done = sum(row.state == "settled" and row.expected == row.confirmed for row in rows)
    return bool(done == len(rows) == len(OTHERS) * len(CALM))


async def _round(here: Scene, skus: Sequence[str]) -> float:
    changed = await change(here, skus, PER_SECOND)
    await until(lambda: here.hub.database.read(_are_calm), 60, "the calm channels show every change")
    return statistics.quantiles(await latencies_of(here, changed), n=20)[-1]


async def _flooded_round(here: Scene, skus: Sequence[str]) -> float:
    sale = asyncio.create_task(_sell(here))
    try:
        return await _round(here, skus)
    finally:
        sale.cancel()
        await asyncio.gather(sale, return_exceptions=True)


async def _sell(here: Scene) -> None:
    """Until canceled: whatever the flooded shop lists is sold and comes back, faster than it may be told."""
    number = 0
    while True:
        batch = [FLASH[(number + nth) % len(FLASH)] for nth in range(SALES_AT_ONCE)]
        await here.hub.database.write(partial(_move, batch=batch, number=number))
        number += SALES_AT_ONCE
        await asyncio.sleep(PAUSE_S)


def _move(tx: Connection, batch: Sequence[str], number: int) -> None:
    now = datetime.now(UTC)
    change_ = -1 if number // len(FLASH) % 2 == 0 else 1
    for sku in batch:
        move(tx, f"flash:{now.timestamp()}:{sku}", "adjust", sku, LOCATION, on_hand=change_, at=now)
