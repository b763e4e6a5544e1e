"""The order and return processes on a real server with their money at the simulated Stripe account."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client

from db import connections
from db.news import take
from domain.channel_order import ChannelOrder, ChannelTender
from domain.money import Money
from runtime.settings import Settings
from tests.connectors.stripe.world import World, opened
from tests.db.world import KEYS, channel_order
from tests.workflows.stack import _NUMBER, Stack, stack_on


@dataclass
class Shop:
    """The stack whose channel `web` has its cards at the connection `stripe`."""

    stack: Stack
    stripe: World

    async def bought(self, *amounts: int, captured: bool = False, **units: int) -> str:
        """An order that one or several payments at Stripe pay for; the whole by one, if no amounts are named."""
        order = channel_order(next(_NUMBER), **units)
        whole = order.total.presentment.amount_minor
        tenders = [await self._paid(amount, captured=captured) for amount in amounts or (whole,)]
        financial: Any = "paid" if captured else "authorized"
        return await self.take(order.model_copy(update={"tenders": tuple(tenders), "financial": financial}))

    async def _paid(self, amount: int, *, captured: bool) -> ChannelTender:
        payment = await self.stripe.pay(amount, "eur", capture=captured)
        kind: Any = "captured" if captured else "authorized"
        money = Money(amount_minor=amount, currency="EUR")
        return ChannelTender(external_id=payment, tender="card", kind=kind, amount=money, at=datetime.now(UTC))

    async def take(self, order: ChannelOrder) -> str:
        return await self.stack.take(order)

    async def shipped(self, *amounts: int, captured: bool = False, **units: int) -> str:
        """An order that has reached its buyer, with its money taken."""
        await self.stack.stock("berlin", **units)
        order = await self.bought(*amounts, captured=captured, **units)
        await self.stack.until_sent(f"{order}-F1")
        await self.stack.report(f"{order}-F1", "shipped", parcel="p1")
        await self.stack.outcome(order)
        return order

    async def deliver_events(self) -> list[str]:
        """What Stripe has told by signed events reaches the hub, each twice and the newest first."""
        await self.stripe.outbox.drain()
        said: list[str] = []
        for request in [*self.stripe.delivered[::-1], *self.stripe.delivered]:
            delivery = self.stripe.connector.identify(dict(request.headers), request.content)
            self.stripe.connector.verify(delivery)
            for news in self.stripe.connector.read(delivery.topic, delivery.body) or ():
                said.append(await self._take(news))
        return said

    async def _take(self, news: Any) -> str:
        def work(tx: Any) -> str:
            connection = connections.load(tx, "stripe")
            return take(tx, self.stack.hub.vault, connection, news, datetime.now(UTC), "webhook").outcome

        outcome: str = await self.stack.write(work)
        return outcome

    def counted(self, kind: str) -> dict[str, int]:
        """The account's own count of what it committed."""
        return dict(self.stripe.simulator.counters().get(kind, {}))


@asynccontextmanager
async def shop_on(client: Client, settings: Settings, captures: Any = "hub") -> AsyncIterator[Shop]:
    async with stack_on(client, settings) as stack, opened(official=False) as stripe:
        await stripe.do("/endpoints", url="http://hub/webhooks/stripe", secrets=["whsec_current"])
        stack.hub.fakes["stripe"] = stripe.connector

        def open_account(tx: Any) -> None:
            connections.create(tx, KEYS, "stripe", platform="stripe", config={}, now=datetime.now(UTC))
            connections.change(tx, "stripe", mode="on")
            connections.change(tx, "web", captures=captures, settings={"payments": "stripe"})

        await stack.write(open_account)
        yield Shop(stack, stripe)
