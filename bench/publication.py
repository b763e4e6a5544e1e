"""How soon a change of stock is confirmed by every channel, and how well the platforms' budgets are used."""

from __future__ import annotations

import asyncio
import statistics
from datetime import UTC, datetime
from functools import partial
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.stage import Scene, scene, until
from bench.stock_channels import LOCATION, Shop, open_shopify, open_square, open_woocommerce, slow_down, stock
from db.availability import LISTINGS
from db.order_reading import EFFECTS
from db.restock import receive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from runtime.settings import Settings

ITEMS = 1000
SKUS = [f"B{number:04}" for number in range(ITEMS)]
CHANGES_PER_SECOND = 50
SECONDS = 20
SEED = 20261122


async def run(settings: Settings, say: Callable[[str], None]) -> dict[str, float]:
    """Three platforms, a thousand items; receipts come in at a fixed rate, and the platforms answer after 50 ms."""
    async with scene(settings, say=say) as here:
        opened = (open_shopify, open_woocommerce, open_square)
        shops = [await open_shop(here, f"bench-{number}", SKUS) for number, open_shop in enumerate(opened)]
        await stock(here, shops, SKUS)
        await _all_settled(here, len(shops))
        say("the channels show what is there")
        await slow_down(here, SEED)
        batches = await _batches(here)
        chosen = Random(SEED).sample(SKUS, min(ITEMS, CHANGES_PER_SECOND * SECONDS))
        changed = await change(here, chosen, CHANGES_PER_SECOND)
        await _all_settled(here, len(shops))
        say(f"{len(changed)} changes are confirmed by {len(shops)} channels")
        latencies = await latencies_of(here, changed)
        calls, numbers = await _sent(here, batches)
        wrong = await _wrong(here, shops)
    return {
        "stock_change_to_confirmed_p50_ms": statistics.median(latencies),
        "stock_change_to_confirmed_p95_ms": statistics.quantiles(latencies, n=20)[-1],
        "stock_batches_per_100_items": 100 * calls / max(1, numbers),
        "stock_numbers_wrong_at_the_end": wrong,
    }


async def _all_settled(here: Scene, channels: int) -> None:
    def work(tx: Connection) -> bool:
        rows = tx.execute(select(LISTINGS.c.expected, LISTINGS.c.confirmed, LISTINGS.c.state)).all()
        return len(rows) == channels * ITEMS and all(r.state == "settled" and r.expected == r.confirmed for r in rows)

    await until(lambda: here.hub.database.read(work), 180, "every number is confirmed")


async def change(here: Scene, skus: Sequence[str], per_second: float) -> dict[str, datetime]:
    """Receipts at an even pace, each of an item of its own; when each was durable."""
    started, changed = monotonic(), {}

    async def one(item: str) -> None:
        key, now = f"change:{item}", datetime.now(UTC)
        await here.hub.database.write(partial(receive, key=key, item_id=item, location_id=LOCATION, quantity=1, at=now))
        changed[item] = datetime.now(UTC)

    async with asyncio.TaskGroup() as tasks:
        for nth, item in enumerate(skus):
            await asyncio.sleep(max(0.0, started + nth / per_second - monotonic()))
            tasks.create_task(one(item))
    return changed


async def latencies_of(here: Scene, changed: dict[str, datetime]) -> list[float]:
    """From durable to confirmed by the last channel; by the effects, since a later webhook moves a row's own time."""

    def work(tx: Connection) -> dict[str, datetime]:
        settled = {row.key: row.settled_at for row in tx.execute(select(EFFECTS.c.key, EFFECTS.c.settled_at).where(EFFECTS.c.kind == "stock"))}  # fmt: skip
        last: dict[str, datetime] = {}
        for row in tx.execute(select(LISTINGS.c.item_id, LISTINGS.c.effect_key)):
            if row.item_id not in changed:
                continue
            at = settled[row.effect_key]
            last[row.item_id] = max(last.get(row.item_id, at), at)
        return last

    last = await here.hub.database.read(work)
    return [(last[item] - at).total_seconds() * 1000 for item, at in changed.items()]


async def _batches(here: Scene) -> set[str]:
    return set(await here.hub.database.read(lambda tx: tx.execute(_STOCK_KEYS).scalars().all()))


_STOCK_KEYS = select(EFFECTS.c.key).where(EFFECTS.c.kind == "stock")


async def _sent(here: Scene, before: set[str]) -> tuple[int, int]:
    """Batches since then, and the numbers in them."""

    def work(tx: Connection) -> list[Any]:
        rows = tx.execute(select(EFFECTS.c.key, EFFECTS.c.proof).where(EFFECTS.c.kind == "stock"))
        return [row.proof["numbers"] for row in rows if row.key not in before and row.proof]

    sent = await here.hub.database.read(work)
    return len(sent), sum(len(numbers) for numbers in sent)


async def _wrong(here: Scene, shops: Sequence[Shop]) -> int:
    """By the simulators' own state: numbers that are not the ledger's."""
    rows = await here.hub.database.read(
        lambda tx: tx.execute(select(LISTINGS.c.connection_id, LISTINGS.c.sku, LISTINGS.c.expected)).all()
    )
    expected = {(row.connection_id, row.sku): row.expected for row in rows}
    shown = {(shop.name, sku): number for shop in shops for sku, number in (await shop.shown(here)).items()}
    return sum(number != expected[key] for key, number in shown.items())
