"""How soon a change of stock is confirmed by every channel, and how well the platforms' budgets are used."""

from __future__ import annotations

import asyncio
import secrets
import statistics
from datetime import UTC, datetime
from functools import partial
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.stage import Scene, scene, until
from db import connections, flows, items, locations
from db.availability import LISTINGS
from db.order_reading import EFFECTS
from db.restock import receive
from db.sku_mapping import map_sku
from domain.item import Alias, Item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from runtime.settings import Settings

CHANNELS = 3
ITEMS = 1000
SKUS = [f"B{number:04}" for number in range(ITEMS)]
CHANGES_PER_SECOND = 50
SECONDS = 20
LATENCY_S = 0.05
SEED = 20261122
PLACE = 1


async def run(settings: Settings, say: Callable[[str], None]) -> dict[str, float]:
    """Three channels of a thousand items; receipts come in at a fixed rate, and the platforms answer after 50 ms."""
    async with scene(settings, say=say) as here:
        names = [f"bench-{number}" for number in range(CHANNELS)]
        for name in names:
            await open_shop(here, name, SKUS)
        await here.hub.database.write(partial(_furnish, names=names))
        await _all_settled(here)
        say("the channels show what is there")
        slow = {"kind": "delay", "platform": "shopify", "probability": 1, "seconds": LATENCY_S}
        (await here.sandbox.post("/control/faults", json={"seed": SEED, "faults": [slow]})).raise_for_status()
        batches = await _batches(here)
        chosen = Random(SEED).sample(SKUS, min(ITEMS, CHANGES_PER_SECOND * SECONDS))
        changed = await change(here, chosen, CHANGES_PER_SECOND)
        await _all_settled(here)
        say(f"{len(changed)} changes are confirmed by {CHANNELS} channels")
        latencies = await latencies_of(here, changed)
        calls, numbers = await _sent(here, batches)
        wrong = await _wrong(here, names)
    return {
        "stock_change_to_confirmed_p50_ms": statistics.median(latencies),
        "stock_change_to_confirmed_p95_ms": statistics.quantiles(latencies, n=20)[-1],
        "stock_calls_per_100_items": 100 * calls / max(1, numbers),
        "stock_numbers_wrong_at_the_end": wrong,
    }


async def open_shop(here: Scene, name: str, skus: Sequence[str]) -> None:
    """A simulated shop that lists these, and its connection, on."""
    token, secret = secrets.token_hex(8), secrets.token_hex(8)
    products = [{"sku": sku, "stock": {str(PLACE): 0}} for sku in skus]
    shop = {
        "name": name, "token": token, "secret": secret, "locations": [{"id": PLACE, "name": "Atlanta"}],
        "products": products,
    }  # fmt: skip
    (await here.sandbox.post("/control/shopify/shops", json=shop)).raise_for_status()
    config = {
        "shop_domain": f"{name}.myshopify.com", "access_token": token, "client_secrets": [secret],
        "base_url": f"{here.stack.settings.sandbox_url}/shopify/{name}",
    }  # fmt: skip

    def work(tx: Connection) -> None:
        now = datetime.now(UTC)
        connections.create(tx, here.hub.keys, name, platform="shopify", config=config, now=now)
        connections.change(tx, name, mode="on", starts_at=now)
        locations.put_mapping(tx, name, str(PLACE), "ATL")

    await here.hub.database.write(work)


def _furnish(tx: Connection, names: list[str]) -> None:
    now = datetime.now(UTC)
    stock(tx, SKUS, now)
    publish(tx, names, now)


def stock(tx: Connection, skus: Sequence[str], now: datetime) -> None:
    """Ten of each in Atlanta."""
    for item in skus:
        items.put(tx, Item(id=item, title=item))
        map_sku(tx, item, Alias(sku=item), by="bench", now=now)
        receive(tx, f"bench:{item}", item, "ATL", 10, at=now)


def publish(tx: Connection, names: Sequence[str], now: datetime) -> None:
    """Switch the flow on."""
    for name in names:
        flows.put(tx, name, flows.INVENTORY, "shadow", 100, by="bench", now=now)
        flows.put(tx, name, flows.INVENTORY, "on", 100, by="bench", now=now)


async def _all_settled(here: Scene) -> None:
    def work(tx: Connection) -> bool:
        rows = tx.execute(select(LISTINGS.c.expected, LISTINGS.c.confirmed, LISTINGS.c.state)).all()
        return len(rows) == CHANNELS * ITEMS and all(r.state == "settled" and r.expected == r.confirmed for r in rows)

    await until(lambda: here.hub.database.read(work), 180, "every number is confirmed")


async def change(here: Scene, skus: Sequence[str], per_second: float) -> dict[str, datetime]:
    """Receipts at an even pace, each of an item of its own; when each was durable."""
    started, changed = monotonic(), {}

    async def one(item: str) -> None:
        key, now = f"change:{item}", datetime.now(UTC)
        await here.hub.database.write(partial(receive, key=key, item_id=item, location_id="ATL", quantity=1, at=now))
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


async def _wrong(here: Scene, names: list[str]) -> int:
    """By the simulators' own state: numbers that are not the ledger's."""
    rows = await here.hub.database.read(
        lambda tx: tx.execute(select(LISTINGS.c.connection_id, LISTINGS.c.sku, LISTINGS.c.expected)).all()
    )
    expected = {(row.connection_id, row.sku): row.expected for row in rows}
    wrong = 0
    for name in names:
        stock = (await here.sandbox.get(f"/control/shopify/shops/{name}/stock")).json()
        wrong += sum(places[str(PLACE)]["available"] != expected[name, sku] for sku, places in stock.items())
    return wrong
