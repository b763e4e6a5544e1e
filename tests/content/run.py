"""A merchant whose products are on sale on simulated channels, with the content flow at work on a real server."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from temporalio.client import Client

from db import catalog, flows
from db.exceptions import EXCEPTIONS
from db.offered import OFFERED
from runtime.publication import Publication
from runtime.settings import Settings
from tests.workflows.launch_stack import LaunchStack, launch_stack
from workflows.names import content_sync

PATIENCE = 90.0
EDITOR = catalog.Author("ada", "api")


class Shopkeeper:
    """Edits the master, and waits until a channel shows it."""

    def __init__(self, stack: LaunchStack) -> None:
        self.stack = stack
        self.on: list[str] = []

    async def switch(self, channel: str, mode: flows.Mode, canary: int = 100) -> None:
        now = datetime.now(UTC)
        await self.stack.write(lambda tx: flows.put(tx, channel, flows.CONTENT, mode, canary, by="test", now=now))
        if channel not in self.on:
            self.on.append(channel)

    async def switch_on(self, *channels: str) -> None:
        for channel in channels:
            await self.switch(channel, "shadow")
            await self.switch(channel, "on")

    async def edit(self, product: str, **patch: Any) -> None:
        now = datetime.now(UTC)
        await self.stack.write(lambda tx: catalog.merge(tx, product, patch, by=EDITOR, now=now))

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)

    async def until_open(self, kind: str) -> None:
        """There is an open exception of this kind."""
        wanted = select(EXCEPTIONS.c.id).where(EXCEPTIONS.c.kind == kind, EXCEPTIONS.c.closed_at.is_(None))
        async with asyncio.timeout(PATIENCE):
            while await self.stack.read(lambda tx: tx.execute(wanted).first()) is None:  # noqa: ASYNC110 as below
                await asyncio.sleep(0.03)

    async def row(self, channel: str, product: str) -> Any:
        mine = (OFFERED.c.connection_id == channel, OFFERED.c.product_id == product)
        return await self.stack.read(lambda tx: tx.execute(select(OFFERED).where(*mine)).first())

    async def until_calm(self, *pairs: tuple[str, str]) -> None:
        """Every listing shows what it should, as far as the hub has seen."""

        async def calm() -> bool:
            rows = [await self.row(*pair) for pair in pairs]
            return all(r and r.state == "settled" and r.marked_at is None and r.right == r.fields for r in rows)

        async with asyncio.timeout(PATIENCE):
            while not await calm():  # noqa: ASYNC110 the truth is in a database
                await asyncio.sleep(0.03)


@asynccontextmanager
async def keeping_shop(client: Client, settings: Settings, **more: Any) -> AsyncIterator[Shopkeeper]:
    async with launch_stack(client, settings, **more) as stack:
        keeper = Shopkeeper(stack)
        relay = asyncio.create_task(_relay(Publication(stack.hub, client)))
        try:
            yield keeper
        finally:
            await _stop(keeper, client, keeper.on)
            relay.cancel()
            with suppress(asyncio.CancelledError):
                await relay


async def _stop(keeper: Shopkeeper, client: Client, channels: Sequence[str]) -> None:
    for channel in channels:
        await keeper.switch(channel, "off")
    for channel in channels:
        with suppress(TimeoutError):
            await asyncio.wait_for(client.get_workflow_handle(content_sync(channel)).result(), 10)


async def _relay(publication: Publication) -> None:
    while True:
        await publication.wake_runs()
        await asyncio.sleep(0.03)
