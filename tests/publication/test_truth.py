"""Whatever happens in between, every confirmed number was the ledger's, and in the end every number is right."""

from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection

from connectors.errors import OutcomeUnknownError, TryAgainError
from db import looks, publication
from db.availability import LISTINGS
from db.ledger import move
from db.session import Database
from tests.db.migrated import migrated
from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant

ITEMS = 4
STEPS = 60


class Day:
    """Stock moves, answers are lost, turns are killed in the middle; the ledger's values are kept to compare with."""

    def __init__(self, merchant: Merchant, shop: FakeShop, random: Random) -> None:
        self.merchant, self.shop, self.random = merchant, shop, random
        self.atp = {f"I{number}": 5 for number in range(ITEMS)}
        self.since_mark: dict[str, set[int]] = {item: {units} for item, units in self.atp.items()}
        self.wrong: list[tuple[str, int]] = []

    def move(self) -> None:
        item = f"I{self.random.randrange(ITEMS)}"
        change = self.random.randint(-self.atp[item], 6)
        self.merchant.stock(item, change)
        self.atp[item] += change
        self.since_mark[item].add(self.atp[item])

    def mark(self) -> None:
        self.merchant.mark()
        self.since_mark = {item: {units} for item, units in self.atp.items()}

    async def turn(self) -> None:
        """One turn; it may be killed before the call, after it, or lose the answer."""
        await self.look_up()
        batch = self.merchant.claim(size=self.random.randint(1, ITEMS))
        if batch is None:
            return
        true = {item: set(values) for item, values in self.since_mark.items()}
        self.wrong += [
            (s.item_external_id, s.quantity) for s in batch.settings if s.quantity not in true[s.item_external_id]
        ]
        match self.random.choice(("ok", "ok", "killed before", "killed after", "lost", "busy")):
            case "killed before":
                return
            case "killed after":
                await self.shop.set_stock(batch.settings, batch.key)
                return
            case "lost":
                self.shop.drops.append(OutcomeUnknownError("lost"))
            case "busy":
                self.shop.fails.append(TryAgainError("busy"))
        try:
            results = await self.shop.set_stock(batch.settings, batch.key)
        except OutcomeUnknownError:
            return
        except TryAgainError:
            self.merchant.write(
                partial(publication.not_sent, connection_id="web", batch=batch, code="busy", now=self.merchant.now)
            )
            return
        self.merchant.settle(batch, results)

    async def look_up(self) -> None:
        merchant = self.merchant
        items = merchant.database.read_now(lambda tx: looks.in_doubt(tx, "web", 50))
        if items:
            found = await self.shop.read_stock(items)
            merchant.write(partial(looks.read_back, connection_id="web", items=items, found=found, now=merchant.now))

    async def settle_down(self) -> None:
        self.mark()
        for _ in range(5):
            self.merchant.pass_time(minutes=2)
            await self.look_up()
            await self.merchant.push(self.shop)


@pytest.mark.parametrize("seed", range(8))
async def test_every_number_was_the_ledgers_and_the_last_ones_are_right(tmp_path: Path, seed: int) -> None:
    url = f"sqlite:///{tmp_path}/tutti.db"
    migrated(url)
    database = Database(url, synchronous="OFF")
    merchant = Merchant(database)
    shop = FakeShop({(f"I{number}", "D"): 0 for number in range(ITEMS)})
    merchant.make_items(ITEMS)
    await merchant.open(shop)
    day = Day(merchant, shop, Random(seed))

    for _ in range(STEPS):
        merchant.pass_time(seconds=1)
        match day.random.randrange(3):
            case 0:
                day.move()
            case 1:
                day.mark()
            case _:
                await day.turn()
    await day.settle_down()

    assert day.wrong == []
    assert {item: shop.shown[item, "D"] for item in day.atp} == day.atp
    rows = database.read_now(lambda tx: tx.execute(LISTINGS.select()).all())
    assert [row.item_id for row in rows if row.state != "settled" or row.confirmed != row.expected] == []
    database.close()


async def test_a_day_of_changes_ends_right_with_as_few_calls_as_the_batches_allow(tmp_path: Path) -> None:
    """2,500 changes over 500 items; `make bench` plays the same with 100,000 over 20,000."""
    url = f"sqlite:///{tmp_path}/tutti.db"
    migrated(url)
    database = Database(url, synchronous="OFF")
    merchant, random = Merchant(database), Random(7)
    shop = FakeShop({(f"I{number}", "D"): 0 for number in range(500)})
    merchant.make_items(500)
    await merchant.open(shop)
    await merchant.push(shop)
    atp = dict.fromkeys((f"I{number}" for number in range(500)), 5)
    shop.calls.clear()

    for _ in range(10):
        burst = [f"I{random.randrange(500)}" for _ in range(250)]
        merchant.write(partial(_moved, burst=burst, atp=atp, random=random, now=merchant.pass_time(minutes=1)))
        await merchant.push(shop)

    assert {item: shop.shown[item, "D"] for item in atp} == atp
    numbers = sum(len(call) for call in shop.calls)
    assert numbers < 2500
    assert len(shop.calls) <= numbers / 250 + 10
    database.close()


def _moved(tx: Connection, burst: list[str], atp: dict[str, int], random: Random, now: datetime) -> None:
    for nth, item in enumerate(burst):
        change = random.randint(-min(2, atp[item]), 3)
        move(tx, f"{now.isoformat()}:{nth}", "adjust", item, "depot", on_hand=change, at=now)
        atp[item] += change
