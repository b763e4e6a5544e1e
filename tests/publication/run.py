"""The merchant on a real server: workers, relay and runs at work, and a channel that is a fake."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from sqlalchemy import Connection
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import TerminatedError

from db import flows
from runtime.publication import Publication
from runtime.settings import Settings
from tests.publication.channel import FakeShop
from tests.publication.merchant import map_places
from tests.workflows.stack import Stack, stack_on
from workflows.names import inventory_sync

PATIENCE = 90.0


def switch(connection: str, mode: flows.Mode, canary: int = 100) -> Callable[[Connection], object]:
    return lambda tx: flows.put(tx, connection, "inventory", mode, canary, by="test", now=datetime.now(UTC))


@asynccontextmanager
async def publishing(client: Client, settings: Settings, shop: FakeShop) -> AsyncIterator[Stack]:
    """The flow of the channel `web` is on."""
    async with stack_on(client, settings) as stack:
        stack.hub.fakes["web"] = shop
        await stack.write(map_places)
        await stack.write(switch("web", "shadow"))
        await stack.write(switch("web", "on"))
        relay = asyncio.create_task(_relay(Publication(stack.hub, client)))
        try:
            yield stack
        finally:
            await stack.write(switch("web", "off"))
            try:
                await asyncio.wait_for(client.get_workflow_handle(inventory_sync("web")).result(), 10)
            except TimeoutError:
                pass
            except WorkflowFailureError as failure:
                if not isinstance(failure.cause, TerminatedError):  # a test may have ended it
                    raise
            relay.cancel()
            with suppress(asyncio.CancelledError):
                await relay


async def _relay(publication: Publication) -> None:
    while True:
        await publication.follow_marks()
        await publication.wake_runs()
        await publication.reconcile()
        await asyncio.sleep(0.03)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 the truth is the channel's
            await asyncio.sleep(0.02)
