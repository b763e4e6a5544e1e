"""Publication on a bad day: stock moves while platforms fail and processes die; no channel may show a wrong number."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import time
from typing import TYPE_CHECKING

from sqlalchemy import select

from bench.drill.day import p95
from bench.drill.fate import Fate
from bench.drill.ledger_book import LedgerBook
from bench.drill.storm import Storm
from bench.shown import shown
from bench.stage import Scene, scene, until
from db.availability import LISTINGS, MAPPINGS
from db.flows import INVENTORY, running
from db.ledger import verify
from db.order_reading import EFFECTS
from db.restock import receive
from db.syncs import SYNCS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bench.drill.plan import Plan
    from bench.drill.scorecard import Check
    from bench.shown import Number
    from runtime.installation import Installation
    from runtime.settings import Settings

    Say = Callable[[str], None]

PER_SECOND = 8
LOCATIONS = ("BER", "ATL", "store-berlin", "store-ny")
UNITS = 30
STATED_S = 30.0
"""Whatever dies or fails, a channel shows a number that the ledger has left for no longer than this.

The time in which a part is not there is not counted: how long it takes to start is the machine's.
"""
PATIENCE_S = 180.0


def bare(file: Installation) -> Installation:
    """Every item at every location, and nothing between the ledger and the channels' numbers."""
    single = {name for name, item in file.items.items() if not item.components}
    stock = {location: dict.fromkeys(single, UNITS) for location in LOCATIONS}
    return file.model_copy(
        update={
            "stock": stock,
            "allocation_rules": None,
            "safety_stock": (),
            "calendar_profiles": {},
            "alert_rules": None,
        }
    )


async def stock_day(settings: Settings, plan: Plan, say: Say) -> tuple[dict[str, float], dict[str, Check]]:
    """Move stock at a steady pace through the plan's blows and storm; figures and invariants."""
    async with scene(settings, say=say, installation=bare, publish=True) as here:
        await until(lambda: here.hub.database.read(_is_known), PATIENCE_S, "every channel's numbers are known")
        book = await here.hub.database.read(_book)
        await until(partial(_is_right, here, book), PATIENCE_S, "every channel shows what is there")
        say("every channel shows what is there")
        book.begin()
        fate = Fate(here, replace(plan, blows=plan.stock_blows), say, "stock numbers")
        watch, storm = Watch(here, book, fate), Storm(here, plan, say)
        beside = [asyncio.create_task(watch.look()), *([asyncio.create_task(storm.blow())] if plan.storm else [])]
        await asyncio.gather(_move(here, book, plan), fate.strike())
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await storm.end()
        await here.sandbox.post("/control/webhooks/drain")
        overdue = await _until_right(here, book)
        say("the storm is over" + (f"; {overdue}" if overdue else ", and every number is right"))
        differences = await here.hub.database.read(verify)
        doubt = await here.hub.database.read(lambda tx: tx.execute(select(EFFECTS.c.key).where(EFFECTS.c.state == "in_doubt")).all())  # fmt: skip
    metrics = watch.figures() | {"stock_faults_injected": storm.injected}
    metrics |= {f"stock_kills_{part}": kills for part, kills in fate.kills.items()}
    checks = watch.checks() | {
        "every_channel_ends_right_by_its_own_word": (not overdue, overdue),
        "no_number_is_left_in_doubt": (not doubt, f"writes whose outcome is unknown: {len(doubt)}"),
        "the_ledger_of_the_stock_day_adds_up": (not differences, f"differences: {differences}"),
    }
    return metrics, checks


class Watch:
    """Looks at the hub's table and at the platforms themselves, again and again."""

    def __init__(self, here: Scene, book: LedgerBook, fate: Fate) -> None:
        self._here, self._book, self._fate = here, book, fate
        self._confirmed: dict[tuple[Number, int], tuple[int, float, float]] = {}
        self._shown: list[tuple[float, float, dict[Number, int]]] = []

    async def look(self) -> None:
        """Until canceled."""
        while True:
            began = time()
            numbers = await shown(self._here)
            self._shown.append((began, time(), numbers))
            self._confirmed |= await self._here.hub.database.read(_confirmed)
            await asyncio.sleep(0.3)

    def checks(self) -> dict[str, Check]:
        """By the drill's own book of movements."""
        numbers = self._book.numbers()
        strange = [
            (number, units)
            for (number, _), (units, sent, proven) in self._confirmed.items()
            if number in numbers and ((age := self._book.age(number, units, sent, proven)) is None or age > 0)
        ]
        unknown = [number for number, age, _ in self._ages() if age is None]
        longest, where = max(
            ((age, number) for number, age, is_more in self._ages() if is_more and age), default=(0.0, ())
        )
        return {
            "every_confirmed_number_was_the_ledgers": (not strange, f"others: {strange[:5]}"),
            "no_channel_showed_what_never_was": (not unknown, f"shown: {unknown[:5]}"),
            "a_decrease_arrives_within_the_stated_time": (
                longest <= STATED_S,
                f"{longest:.1f} s at {where}, stated {STATED_S:.0f} s",
            ),
        }

    def figures(self) -> dict[str, float]:
        late = [age for _, age, is_more in self._ages() if is_more and age]
        return {
            "stock_confirmations_checked": len(self._confirmed),
            "stock_looks_at_channels": len(self._shown),
            "stock_shown_too_high_p95_s": p95([1000 * age for age in late]) / 1000,
            "stock_shown_too_high_max_s": round(max(late, default=0.0), 1),
        }

    def _ages(self) -> list[tuple[Number, float | None, bool]]:
        """Every number that was seen: how long it had been no more the ledger's, and whether it was too high."""
        wanted = self._book.numbers()
        return [
            (
                number,
                self._up(self._book.age(number, units, began, ended), began),
                units > self._book.units_at(number, began),
            )
            for began, ended, numbers in self._shown
            for number, units in numbers.items()
            if number in wanted
        ]

    def _up(self, age: float | None, until_: float) -> float | None:
        """How much of this time all parts were there."""
        if not age:
            return age
        down = sum(max(0.0, min(end, until_) - max(start, until_ - age)) for start, end in self._fate.downs)
        return max(0.0, age - down)


def _confirmed(tx: Connection) -> dict[tuple[Number, int], tuple[int, float, float]]:
    """Numbers whose newest sending is proven: units, when it began, when it was proven."""
    ours = (LISTINGS.c.confirmed_by != "channel", LISTINGS.c.confirmed_version == LISTINGS.c.published_version)
    rows = tx.execute(select(LISTINGS).where(*ours, LISTINGS.c.published_at.is_not(None)))
    return {
        ((r.connection_id, r.sku, r.place), r.confirmed_version): (
            r.confirmed, r.published_at.timestamp(), r.confirmed_at.timestamp()
        )
        for r in rows
        if r.state != "sent"
    }  # fmt: skip


def _is_known(tx: Connection) -> bool:
    found = (SYNCS.c.flow == INVENTORY, ~SYNCS.c.discover_wanted)
    known = set(tx.execute(select(SYNCS.c.connection_id).where(*found)).scalars())
    return known >= running(tx, INVENTORY).keys()


def _book(tx: Connection) -> LedgerBook:
    """The places of every channel that publishes, and the stock behind them."""
    channels = running(tx, INVENTORY)
    behind = {
        (row.connection_id, row.external_id): (row.location_id,)
        for row in tx.execute(select(MAPPINGS).where(MAPPINGS.c.connection_id.in_(channels)))
    }
    for name, switch in channels.items():
        behind |= {(name, place): tuple(pool) for place, pool in (switch.settings.get("pools") or {}).items()}
    listed = {tuple(row) for row in tx.execute(select(LISTINGS.c.connection_id, LISTINGS.c.place).distinct())}
    items = set(
        tx.execute(select(LISTINGS.c.item_id).where(LISTINGS.c.item_id != "", LISTINGS.c.sku != "GIFTBOX")).scalars()
    )
    stock = {(item, location): UNITS for item in items for location in LOCATIONS}
    return LedgerBook({key: value for key, value in behind.items() if key in listed}, stock)


async def _move(here: Scene, book: LedgerBook, plan: Plan) -> None:
    """Receipts and losses, one after the other."""
    dice, until_ = plan.dice("stock"), time() + plan.seconds
    places, number = sorted(book.stock), 0
    while time() < until_:
        item, location = dice.choice(places)
        change = dice.choice([step for step in (-3, -2, -1, 1, 2) if book.stock[item, location] + step >= 0])
        number += 1
        work = partial(
            receive, key=f"drill:{number}", item_id=item, location_id=location, quantity=change, at=datetime.now(UTC)
        )
        began = time()
        await here.hub.database.write(work)
        book.moved(item, location, change, began, time())
        await asyncio.sleep(1 / PER_SECOND)


async def _is_right(here: Scene, book: LedgerBook) -> bool:
    numbers, wanted = await shown(here), book.numbers()
    return all(numbers[number] == units for number, units in wanted.items() if number in numbers)


async def _until_right(here: Scene, book: LedgerBook) -> str:
    try:
        await until(partial(_is_right, here, book), PATIENCE_S, "every channel shows what is there")
    except TimeoutError as late:
        numbers, wanted = await shown(here), book.numbers()
        wrong = {n: (numbers[n], units) for n, units in wanted.items() if n in numbers and numbers[n] != units}
        return f"{late}: {wrong}"
    return ""
