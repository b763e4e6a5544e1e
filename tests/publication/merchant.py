"""A merchant whose clock is the test's, and what the relay and the runs do for it, step by step."""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from connectors.contract import StockResult
from db import flows, items, locations, publication, stock_listings
from db.availability import LISTINGS
from db.marking import Marked, mark
from db.publication import Batch
from db.restock import receive
from db.session import Database
from db.sku_mapping import map_sku
from domain.item import Alias, Item
from domain.location import Location, LocationProfile
from tests.db.world import NOW, found
from tests.publication.channel import FakeShop

_NUMBER = itertools.count(1)


class Merchant:
    """The locations `berlin` (a shop) and `depot` (a warehouse); on the channel `web` they are the places B and D."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self.write(found)
        self.write(_places)

    def write(self, work: Callable[[Connection], Any]) -> Any:
        return self.database.write_now(work)

    def pass_time(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now

    def stock(self, item: str, quantity: int, location: str = "depot") -> None:
        key = f"stock:{next(_NUMBER)}"
        self.write(lambda tx: receive(tx, key, item, location, quantity, at=self.now))

    def make_items(self, count: int, units: int = 5) -> None:
        """I0, I1 and so on, each with so many units in the depot."""

        def work(tx: Connection) -> None:
            for number in range(count):
                items.put(tx, Item(id=f"I{number}", title=f"Item {number}"))
                map_sku(tx, f"I{number}", Alias(sku=f"I{number}"), by="test", now=self.now)
                receive(tx, f"stock:I{number}", f"I{number}", "depot", units, at=self.now)

        self.write(work)

    def switch(self, mode: Any, canary: int = 100, connection: str = "web") -> None:
        self.write(lambda tx: flows.put(tx, connection, "inventory", mode, canary, by="test", now=self.now))

    async def open(self, shop: FakeShop, canary: int = 100) -> None:
        """Switch the flow on for a shop that is known."""
        self.switch("shadow")
        self.switch("on", canary)
        await self.discover(shop)

    async def discover(self, shop: FakeShop, connection: str = "web") -> None:
        numbers = await shop.opening_stock()
        self.write(lambda tx: publication.begin(tx, connection))
        self.write(lambda tx: stock_listings.take(tx, connection, numbers, self.now))
        self.write(lambda tx: stock_listings.discovered(tx, connection, self.now))
        self.mark()

    def mark(self) -> Marked:
        """Follow all marks, as the relay does."""
        seen = due = 0
        while (marked := self.write(lambda tx: mark(tx, self.now))).seen:
            seen, due = seen + marked.seen, due + marked.due
        return Marked(seen, due)

    def claim(self, size: int = 250, connection: str = "web") -> Batch | None:
        epoch = self.write(lambda tx: publication.begin(tx, connection)).epoch
        batch: Batch | None = self.write(lambda tx: publication.claim(tx, connection, epoch, size, self.now))
        return batch

    def settle(self, batch: Batch, results: Sequence[StockResult], connection: str = "web") -> None:
        self.write(lambda tx: publication.settle(tx, connection, batch, results, self.now))

    async def push(self, shop: FakeShop, connection: str = "web") -> int:
        """Follow the marks and send what is due now; returns how many calls it took."""
        self.mark()
        calls = 0
        while batch := self.claim(connection=connection):
            self.settle(batch, await shop.set_stock(batch.settings, batch.key), connection)
            calls += 1
        return calls

    def row(self, item: str, place: str = "D", connection: str = "web") -> Any:
        mine = (LISTINGS.c.connection_id == connection, LISTINGS.c.item_external_id == item, LISTINGS.c.place == place)
        return self.database.read_now(lambda tx: tx.execute(select(LISTINGS).where(*mine)).one())


def _places(tx: Connection) -> None:
    profile = LocationProfile(country="DE", postal_code="10115", timezone="Europe/Berlin")
    locations.put(tx, Location(id="depot", name="Depot", kind="warehouse", connection_id="store", profile=profile))
    map_places(tx)


def map_places(tx: Connection) -> None:
    """The places of `web`: B and, where there is one, D."""
    for place, location in (("B", "berlin"), ("D", "depot")):
        if locations.find(tx, location):
            locations.put_mapping(tx, "web", place, location)
