"""A merchant whose clock is the test's, selling on one channel; what the runs do for it, step by step."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from connectors.contract import ListingForm, ShownListing, TakesListings
from db import (
    catalog,
    channel_forms,
    connections,
    content,
    content_computing,
    content_discovery,
    content_policy,
    content_verification,
    flows,
    listing_drift,
)
from db.content import Batch
from db.content_verification import ROUNDS
from db.desks.catalog import listing, questions
from db.exceptions import EXCEPTIONS
from db.offered import OFFERED
from db.session import Database
from db.words import put_category
from domain.catalog.dictionary import Category
from domain.catalog.form import ChannelForm
from domain.catalog.gates import check
from domain.catalog.product import Product
from domain.content.policy import ContentPolicy
from tests.db.world import KEYS, NOW

EDITOR = catalog.Author("ada", "api")
FORM: dict[str, Any] = {
    "version": "1",
    "currencies": ["EUR"],
    "fields": {"title": "title", "descriptionHtml": "description", "vendor": "brand"},
    "variants": {"barcode": "gtin"},
    "media": {"least": 0},
    "gtin": "unneeded",
    "text": {"fields": ["title"], "forbidden": ["miracle"]},
}


class ContentMerchant:
    """Sells on the connection `web`; the products are P1, P2 and so on, each with one variant of the same name."""

    def __init__(self, database: Database, channel: TakesListings, form: dict[str, Any] | None = None) -> None:
        self.database, self.channel, self.now = database, channel, NOW
        self.write(lambda tx: self._found(tx, form or FORM))

    def _found(self, tx: Connection, form: dict[str, Any]) -> None:
        connections.create(tx, KEYS, "web", platform="manual", config={}, name="Web", now=NOW)
        connections.change(tx, "web", mode="on")
        put_category(tx, Category(id="lamps", name="Lamps"), now=NOW)
        channel_forms.add(tx, "web", ChannelForm.model_validate(form), by="ada", now=NOW)
        channel_forms.activate(tx, "web", "1", now=NOW)

    def write(self, work: Callable[[Connection], Any]) -> Any:
        return self.database.write_now(work)

    def read(self, work: Callable[[Connection], Any]) -> Any:
        return self.database.read_now(work)

    def make(self, *products: str, sku: Callable[[str], str] = str, price: int = 1900, currency: str = "EUR") -> None:
        def work(tx: Connection) -> None:
            for name in products:
                variant = {"sku": sku(name), "prices": {currency: {"amount_minor": price, "floor_minor": 500}}}
                made = {
                    "id": name, "state": "ready", "title": f"Lamp {name}", "description": "<p>Bright.</p>",
                    "brand": "Lumen", "category": "lamps", "variants": [variant],
                }  # fmt: skip
                catalog.put(tx, Product.model_validate(made), by=EDITOR, now=self.now)

        self.write(work)

    def edit(self, product: str, **patch: Any) -> None:
        self.write(lambda tx: catalog.merge(tx, product, patch, by=EDITOR, now=self.now))

    def price(self, product: str, amount_minor: int) -> None:
        self.edit(product, variants={product: {"prices": {"EUR": {"amount_minor": amount_minor}}}})

    def switch(self, mode: flows.Mode, canary: int = 100) -> None:
        self.write(lambda tx: flows.put(tx, "web", flows.CONTENT, mode, canary, by="test", now=self.now))

    def policy(self, **policy: Any) -> None:
        wanted = ContentPolicy(version=f"v{self.now:%H%M%S%f}", **policy)
        self.write(lambda tx: content_policy.put(tx, "web", wanted, by="test", now=self.now))

    async def open(self, canary: int = 100) -> None:
        """What the channel shows already is known, and the flow is on."""
        self.switch("shadow")
        await self.discover()
        self.switch("on", canary)

    async def discover(self) -> None:
        after = ""
        while refs := self.read(partial(content_discovery.next_refs, connection_id="web", after=after, limit=100)):
            shown = dict(zip([ref.reference for ref in refs], await self.channel.read_listings(refs), strict=True))
            self.write(partial(content_discovery.found, connection_id="web", shown=shown, now=self.now))
            after = refs[-1].reference
        self.compute()

    def compute(self) -> None:
        while self.write(lambda tx: content_computing.compute(tx, "web", self.now)):
            pass

    async def put_on_sale(self, *products: str) -> None:
        """As a launch would."""
        made = self.read(lambda tx: questions(tx, products, "web", self.now))
        forms = tuple(listing(check(question).filled) for question in made.values())
        channel: Any = self.channel
        await channel.stage_listings(forms, "stage")
        await channel.publish_listings(tuple(form.ref for form in forms), "publish")

    async def claim(self, size: int = 100) -> Batch | None:
        epoch = self.write(lambda tx: content.begin(tx, "web", self.now)).epoch
        refs = self.read(lambda tx: content.next_refs(tx, "web", size, self.now))
        shown = dict(zip([ref.reference for ref in refs], await self.channel.read_listings(refs), strict=True))
        batch: Batch | None = self.write(lambda tx: content.claim(tx, "web", epoch, shown, self.now))
        return batch

    async def look(self) -> int:
        refs = self.read(lambda tx: content.to_look_at(tx, "web", 100, self.now))
        shown: dict[str, ShownListing | None] = dict(
            zip([ref.reference for ref in refs], await self.channel.read_listings(refs), strict=True)
        )
        found: int = self.write(lambda tx: content.looked(tx, "web", shown, self.now))
        return found

    async def tell(self) -> list[tuple[ListingForm, ...]]:
        """Compute, tell and look until nothing is due now; returns what was sent."""
        self.compute()
        sent = []
        while batch := await self.claim():
            results = await self.channel.write_listings(batch.forms, batch.key)
            done = partial(content.settle, connection_id="web", batch=batch, results=results, now=self.now)
            self.write(done)
            sent.append(batch.forms)
            await self.look()
        await self.look()
        return sent

    async def verify(self) -> Any:
        """One whole round; returns its row."""
        at = self.write(lambda tx: content_verification.begin(tx, "web", self.now))
        self.pass_time(seconds=1)
        while refs := self.read(partial(content_verification.next_refs, at=at, limit=100)):
            asked_at = self.now
            shown = dict(zip([ref.reference for ref in refs], await self.channel.read_listings(refs), strict=True))
            now = self.pass_time(seconds=1)
            at = self.write(partial(content_verification.judge, at=at, shown=shown, asked_at=asked_at, now=now))
        self.write(lambda tx: content_verification.end(tx, at, self.now))
        return self.read(lambda tx: tx.execute(select(ROUNDS).where(ROUNDS.c.id == at.round)).one())

    def pass_time(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now

    def row(self, product: str) -> Any:
        return self.read(lambda tx: tx.execute(select(OFFERED).where(OFFERED.c.product_id == product)).one())

    def drifts(self) -> list[tuple[str, str, str, str]]:
        return [(r.product_id, r.field, r.author, r.action) for r in self.read(listing_drift.open_drifts)]

    def causes(self) -> list[str]:
        rows = self.read(lambda tx: tx.execute(select(EXCEPTIONS).where(EXCEPTIONS.c.closed_at.is_(None))).all())
        return sorted(row.cause for row in rows)
