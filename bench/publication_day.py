"""A day of changes on three platforms: what they show in the end, what it cost in calls, the use of what they allow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from math import ceil
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Any

from activities.publication import PublicationActivities
from bench.day_channels import PLENTY, Channel, Platforms
from bench.day_merchant import UNITS, furnished, skus_of
from db import safety_stock
from db.desks.publication import SIZE, PublicationDesk
from db.ledger import move
from db.marking import mark
from db.publication import has_due
from domain.availability.safety import Safety
from domain.refs import ConnectionRef

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from connectors.contract import TakesStockLevels
    from db.session import Database

CHANGES, SKUS = 100_000, 20_000
BURST = 2_000
"""Changes between two pushes: what a platform at its limit lets pile up."""
LATENCY_S = 0.05
POINTS, POINTS_PER_SECOND = 100.0, 40.0
CALLS_PER_MINUTE = 300
"""Platforms that are the bottleneck, for the share of what they allow that is used."""
BURST_OF_A_WINDOW, PER_SECOND_OF_A_WINDOW = CALLS_PER_MINUTE / 5, CALLS_PER_MINUTE * 0.8 / 60
"""So that no window of a minute holds more (connectors.kit.limits.window)."""
SEED = 20261122


def run(folder: Path, say: Callable[[str], None], *, changes: int = CHANGES, skus: int = SKUS) -> dict[str, float]:
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_day(f"sqlite:///{folder}/day.db", say, changes, skus_of(skus)))


async def _day(url: str, say: Callable[[str], None], changes: int, skus: list[str]) -> dict[str, float]:
    platforms = Platforms()
    channels = await platforms.open(skus, UNITS)
    database = furnished(url, skus, {at.name: (at.place, at.items) for at in channels}, shown=UNITS)
    await _follow(database)
    say(f"{len(channels)} platforms show {len(skus):,} items")
    atp, fewest, numbers = dict.fromkeys(skus, UNITS), 0.0, 0
    random = Random(SEED)
    for start in range(0, changes, BURST):
        burst = random.choices(skus, k=BURST)
        await database.write(partial(_move, burst=burst, start=start, atp=atp, random=random))
        sent = await _push(database, channels)
        numbers += sum(sent)
        fewest += sum(at.calls * ceil(count / SIZE) for at, count in zip(channels, sent, strict=True))
    calls = sum(at.transport.calls for at in channels)
    say(f"a day of {changes:,} changes over {len(skus):,} items is pushed in {calls:,} calls")
    await platforms.limit_shopify(POINTS, POINTS_PER_SECOND)
    await database.write(lambda tx: safety_stock.put(tx, Safety("", "", "", "", 1), datetime.now(UTC)))
    await _follow(database)
    shares = await asyncio.gather(*(_saturated(database, at) for at in channels))
    say("every number has changed at once, on platforms that allow little")
    wrong = 0
    for shown in (await platforms.shown()).values():
        wrong += sum(shown[sku] != max(0, units - 1) for sku, units in atp.items())  # one unit is safety stock by now
    await asyncio.to_thread(database.close)
    return {
        "stock_day_numbers_wrong": wrong,
        "stock_day_calls_per_100_items": 100 * calls / numbers,
        "stock_day_calls_to_batch_bound_ratio": calls / fewest,
        "stock_day_numbers_per_change": numbers / changes / len(channels),
        "publication_share_of_rate_budget": min(shares),
        "throttled_share": sum(at.transport.throttled for at in channels) / sum(at.transport.calls for at in channels),
    }


def _move(tx: Connection, burst: list[str], start: int, atp: dict[str, int], random: Random) -> None:
    now = datetime.now(UTC)
    for nth, sku in enumerate(burst):
        change = random.choice((-1, -1, -1, 2)) if atp[sku] else 5
        atp[sku] += change
        move(tx, f"day:{start + nth}", "adjust", sku, "depot", on_hand=change, at=now)


async def _follow(database: Database) -> None:
    while (await database.write(lambda tx: mark(tx, datetime.now(UTC)))).seen:
        pass


async def _push(database: Database, channels: tuple[Channel, ...]) -> list[int]:
    """Follow the marks, and send until no number is due; how many were sent to each."""
    await _follow(database)
    return await asyncio.gather(*(_send(PublicationDesk(database), at) for at in channels))


async def _send(desk: PublicationDesk, at: Channel) -> int:
    connector, turn, numbers = at.open(PLENTY), await desk.begin(at.name), 0
    while batch := await desk.claim(at.name, turn.epoch):
        await desk.settle(at.name, batch, await connector.set_stock(batch.settings, batch.key))
        numbers += len(batch.settings)
    return numbers


async def _saturated(database: Database, at: Channel) -> float:
    """What was used of what the platform allowed meanwhile, by the turns that the hub itself makes."""
    at.transport.latency_s = LATENCY_S
    turns = PublicationActivities(PublicationDesk(database), _Opened(at.open(CALLS_PER_MINUTE)))
    points, calls, started = at.transport.points, at.transport.calls, monotonic()
    while await database.read(lambda tx: has_due(tx, at.name, datetime.now(UTC))):
        await turns.publish_stock(ConnectionRef(connection_id=at.name))
    took = at.transport.last_at - started
    if used := at.transport.points - points:
        return used / (POINTS + POINTS_PER_SECOND * took)
    return (at.transport.calls - calls) / (BURST_OF_A_WINDOW + PER_SECOND_OF_A_WINDOW * took)


class _Opened:
    """The one connection of a turn."""

    def __init__(self, connector: TakesStockLevels) -> None:
        self._connector: Any = connector

    async def connector(self, connection_id: str) -> Any:  # noqa: ARG002 there is one only
        return self._connector
