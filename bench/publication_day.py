"""A day of changes against one simulated channel in this process: calls, the platform's budget, memory."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx
import psutil
from fastapi import FastAPI
from sqlalchemy import select

from connectors.contract import Surroundings
from connectors.shopify.connector import ShopifyConfig, ShopifyConnector
from db import connections, flows, locations, publication, safety_stock, stock_listings
from db.availability import LISTINGS, compute, open_book
from db.desks.publication import PublicationDesk
from db.flows import bucket
from db.ledger import LEVELS, MOVEMENTS, move
from db.marking import mark
from db.migrate import upgrade
from db.order_reading import ITEMS
from db.session import Database
from domain.availability.safety import Safety
from domain.location import Location, LocationProfile
from runtime.keys import Keys, new_key
from sandbox.faults import Faults
from sandbox.shopify.app import platform
from sandbox.webhooks import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

CHANGES, SKUS = 100_000, 20_000
BURST = 2_000
"""Changes between two pushes: what a platform at its limit lets pile up."""
POINTS, PER_SECOND = 1000.0, 100.0
"""The platform's budget: a full bucket, and what comes back in a second (Shopify's smallest plan)."""
SLOW_POINTS, SLOW_PER_SECOND = 100.0, 40.0
"""A platform that is the bottleneck, for the share of its budget that is used."""
MANY_SKUS, MANY_CHANNELS = 100_000, 5
SEED = 20261122
NAME, PLACE = "day", "1"


class Counted(httpx.AsyncBaseTransport):
    """Passes calls on and counts them, and those that the platform throttled."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.calls = self.throttled = 0
        self.points = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        self.calls += 1
        self.throttled += b"THROTTLED" in body
        shown = httpx.Response(answer.status_code, headers=answer.headers, content=body)
        if b"actualQueryCost" in body:
            self.points += shown.json()["extensions"]["cost"]["actualQueryCost"] or 0
        return shown


def run(folder: Path, say: Callable[[str], None], *, changes: int = CHANGES, skus: int = SKUS) -> dict[str, float]:
    """The day, then the memory that the largest merchant needs."""
    folder.mkdir(parents=True, exist_ok=True)
    metrics = asyncio.run(_day(folder, changes, skus))
    say(f"a day of {changes:,} changes over {skus:,} items is pushed")
    metrics |= _many(folder)
    say(f"{MANY_SKUS:,} items on {MANY_CHANNELS} channels are computed")
    return metrics


async def _day(folder: Path, changes: int, skus: int) -> dict[str, float]:
    database = _furnished(f"sqlite:///{folder}/day.db", skus, [NAME])
    simulator = platform(Faults(), Outbox(Faults()))
    app = FastAPI(routes=simulator.routes)
    app.include_router(simulator.control, prefix="/control/shopify")
    transport = Counted(httpx.ASGITransport(app))
    await _open_shop(transport, skus)
    config = ShopifyConfig.model_validate(
        {
            "shop_domain": f"{NAME}.myshopify.com", "access_token": "token", "client_secrets": ["secret"],
            "base_url": f"http://sandbox/shopify/{NAME}", "points_per_second": PER_SECOND,
        }
    )  # fmt: skip
    connector = ShopifyConnector.open(config, Surroundings(connection_id=NAME, transport=transport))
    desk = PublicationDesk(database)
    atp = dict.fromkeys(_skus(skus), 10)
    await _push(database, desk, connector)
    transport.calls = transport.throttled = 0
    transport.points = 0.0
    random, numbers = Random(SEED), 0
    for start in range(0, changes, BURST):
        burst = [f"D{random.randint(1, skus):06}" for _ in range(BURST)]
        await database.write(lambda tx, burst=burst, start=start: _move(tx, burst, start, atp, random))  # type: ignore[misc]
        numbers += await _push(database, desk, connector)
    day_calls = transport.calls
    share = await _saturated(database, desk, connector, transport)
    shown = await _shown(transport)
    await connector.close()
    wrong = sum(shown.get(sku) != max(0, units - 1) for sku, units in atp.items())  # one unit is safety stock by now
    await asyncio.to_thread(database.close)
    return {
        "stock_day_numbers_wrong": wrong,
        "stock_day_calls_per_100_items": 100 * day_calls / numbers,
        "stock_day_numbers_per_change": numbers / changes,
        "publication_share_of_rate_budget": share,
        "throttled_share": transport.throttled / max(1, transport.calls),
    }


async def _saturated(
    database: Database, desk: PublicationDesk, connector: ShopifyConnector, transport: Counted
) -> float:
    """Every number changes at once on a platform that allows little: the share of what it allowed that was used."""
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        slow = {"bucket_size": SLOW_POINTS, "restore_rate": SLOW_PER_SECOND}
        (await client.patch(f"/control/shopify/shops/{NAME}", json=slow)).raise_for_status()
    everything = Safety("", "", "", "", 1)
    await database.write(lambda tx: safety_stock.put(tx, everything, datetime.now(UTC)))
    while (await database.write(lambda tx: mark(tx, datetime.now(UTC)))).seen:
        pass
    points, started = transport.points, monotonic()
    await _push(database, desk, connector)
    return (transport.points - points) / (SLOW_POINTS + SLOW_PER_SECOND * (monotonic() - started))


async def _push(database: Database, desk: PublicationDesk, connector: ShopifyConnector) -> int:
    """Follow the marks and send until nothing is due; how many numbers were sent."""
    while (await database.write(lambda tx: mark(tx, datetime.now(UTC)))).seen:
        pass
    turn = await desk.begin(NAME)
    numbers = 0
    while batch := await desk.claim(NAME, turn.epoch):
        await desk.settle(NAME, batch, await connector.set_stock(batch.settings, batch.key))
        numbers += len(batch.settings)
    return numbers


def _move(tx: Connection, burst: list[str], start: int, atp: dict[str, int], random: Random) -> None:
    now = datetime.now(UTC)
    for nth, sku in enumerate(burst):
        change = random.choice((-1, -1, -1, 2)) if atp[sku] else 5
        atp[sku] += change
        move(tx, f"day:{start + nth}", "adjust", sku, "depot", on_hand=change, at=now)


def _skus(count: int) -> list[str]:
    return [f"D{number:06}" for number in range(1, count + 1)]


def _furnished(url: str, skus: int, channels: list[str]) -> Database:
    """A merchant with one depot; every channel lists every item there."""
    upgrade(url)
    database = Database(url, synchronous="OFF")
    keys, now = Keys([new_key()]), datetime.now(UTC)

    def world(tx: Connection) -> None:
        for name in channels:
            connections.create(tx, keys, name, platform="shopify", config={}, now=now)
            connections.change(tx, name, mode="on")
        profile = LocationProfile(country="DE", postal_code="10115")
        locations.put(
            tx, Location(id="depot", name="Depot", kind="warehouse", connection_id=channels[0], profile=profile)
        )
        for name in channels:
            locations.put_mapping(tx, name, PLACE, "depot")
            flows.put(tx, name, flows.INVENTORY, "shadow", 100, by="bench", now=now)
            flows.put(tx, name, flows.INVENTORY, "on", 100, by="bench", now=now)

    database.write_now(world)
    for part in _parts(_skus(skus)):
        database.write_now(lambda tx, part=part: _stocked(tx, part, channels, now))  # type: ignore[misc]
    for name in channels:
        database.write_now(partial(stock_listings.discovered, connection_id=name, now=now))
    return database


def _stocked(tx: Connection, skus: list[str], channels: list[str], now: datetime) -> None:
    tx.execute(ITEMS.insert(), [{"id": s, "title": s, "weight_g": 0, "is_hazmat": False, "sku_class": "", "components": []} for s in skus])  # fmt: skip
    level = {"location_id": "depot", "condition": "sellable", "on_hand": 10, "reserved": 0}
    tx.execute(
        MOVEMENTS.insert(), [{"key": f"open:{s}", "kind": "receive", "item_id": s, "at": now} | level for s in skus]
    )
    balance = {"in_transit": 0, "incoming": 0, "version": 1, "seen": 1}
    tx.execute(LEVELS.insert(), [{"item_id": s} | level | balance for s in skus])
    listing: dict[str, Any] = {
        "place": PLACE, "version": 0, "published_version": 0, "confirmed_version": 0, "confirmed": 0, "effect_key": "",
        "confirmed_by": "read_back", "confirmed_at": now, "expected_at": now, "state": "settled", "urgency": 2,
        "attempts": 0, "contests": 0, "error_code": "",
    }  # fmt: skip
    for name in channels:
        publication.begin(tx, name)
        tx.execute(
            LISTINGS.insert(),
            [
                listing
                | {"connection_id": name, "item_external_id": s[1:], "item_id": s, "sku": s, "bucket": bucket(s)}
                for s in skus
            ],
        )


def _parts(skus: list[str]) -> Iterator[list[str]]:
    return (skus[start : start + 2000] for start in range(0, len(skus), 2000))


async def _open_shop(transport: httpx.AsyncBaseTransport, skus: int) -> None:
    products = [{"sku": s, "inventory_item_id": int(s[1:]), "stock": {PLACE: 0}} for s in _skus(skus)]
    shop = {
        "name": NAME, "token": "token", "secret": "secret", "locations": [{"id": int(PLACE), "name": "Depot"}],
        "products": products, "bucket_size": POINTS, "restore_rate": PER_SECOND,
    }  # fmt: skip
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", timeout=60) as client:
        (await client.post("/control/shopify/shops", json=shop)).raise_for_status()


async def _shown(transport: httpx.AsyncBaseTransport) -> dict[str, int]:
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", timeout=60) as client:
        stock = (await client.get(f"/control/shopify/shops/{NAME}/stock")).json()
    return {sku: places[PLACE]["available"] for sku, places in stock.items()}


def _many(folder: Path) -> dict[str, float]:
    """Memory and time to compute every number of a large merchant anew, part by part as the relay does."""
    channels = [f"many-{number}" for number in range(MANY_CHANNELS)]
    database = _furnished(f"sqlite:///{folder}/many.db", MANY_SKUS, channels)
    process = psutil.Process()
    before, started, highest = process.memory_info().rss, monotonic(), 0
    while database.write_now(lambda tx: mark(tx, datetime.now(UTC))).seen:
        highest = max(highest, process.memory_info().rss)
    took = monotonic() - started
    page_started = monotonic()
    middle = _skus(MANY_SKUS)[MANY_SKUS // 2 : MANY_SKUS // 2 + 50]
    database.read_now(lambda tx: list(compute(tx, open_book(tx, datetime.now(UTC)), middle)))
    page_ms = 1000 * (monotonic() - page_started)
    numbers = database.read_now(
        lambda tx: len(tx.execute(select(LISTINGS.c.place).where(LISTINGS.c.state == "due")).all())
    )
    database.close()
    return {
        "stock_many_numbers": float(numbers),
        "stock_many_recompute_s": took,
        "stock_many_recompute_rss_growth_bytes": float(highest - before),
        "stock_many_matrix_page_ms": page_ms,
    }
