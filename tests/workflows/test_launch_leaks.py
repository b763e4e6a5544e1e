"""Nothing of a launch is public before its moment: every window is looked into, again and again, by somebody who is not us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from bench.windows import Window, look
from db import launches
from runtime.settings import Settings
from tests.workflows.launch_channels import ALL, open_others
from tests.workflows.launch_stack import LaunchStack, launch_stack, soon

WINDOWS = {
    "alpha": Window("shopify", "alpha"),
    "beta": Window("shopify", "beta"),
    "woo": Window("woocommerce", "woo"),
    "amazon": Window("amazon"),
}
EVERY_S = 0.02
Sighting = tuple[datetime, str, str]
"""When, in which window, which SKU."""


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[LaunchStack]:
    async with launch_stack(env.client, settings) as running:
        await open_others(running)
        yield running


@asynccontextmanager
async def watched(stack: LaunchStack) -> AsyncIterator[list[Sighting]]:
    """Everything that is seen in any window while the block runs, by its public side."""
    seen: list[Sighting] = []

    async def watch() -> None:
        while True:
            for name, window in WINDOWS.items():
                found = await look(stack.http, window)
                at = datetime.now(UTC)
                seen.extend((at, name, sku) for sku in found)
            await asyncio.sleep(EVERY_S)

    watcher = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher


async def test_no_window_shows_anything_between_staging_and_the_moment(stack: LaunchStack) -> None:
    products = [await stack.product(), await stack.product()]
    async with watched(stack) as seen:
        launch = await stack.launch(products, ALL, go_live_at=soon(3600))
        await stack.until_state(launch, "staged")
        await asyncio.sleep(0.5)
        moment = soon(1.5)
        await stack.command(launches.move, launch, moment)
        outcome = await stack.outcome(launch)
        await asyncio.sleep(0.2)

    ours = [(at, name) for at, name, sku in seen if sku in {f"{product}-1" for product in products}]

    assert outcome == "live"
    assert {name for _, name in ours} == set(WINDOWS)
    assert min(at for at, _ in ours) >= moment
    assert await stack.leaks(launch) == []


async def test_one_that_somebody_publishes_early_is_seen_by_the_watch_and_told_by_the_launch(
    stack: LaunchStack,
) -> None:
    """The positive control: the same watch, and a leak that it must find."""
    product = await stack.product()
    async with watched(stack) as seen:
        launch = await stack.launch([product], ALL, go_live_at=soon(3600))
        await stack.until_state(launch, "staged")
        await stack.edit("alpha", f"{product}-1", published=True)
        await asyncio.sleep(0.3)
        moment = soon(1)
        await stack.command(launches.move, launch, moment)
        await stack.outcome(launch)

    early = {name for at, name, sku in seen if sku == f"{product}-1" and at < moment - timedelta(seconds=0.1)}
    told = [(leak.connection_id, leak.product_id) for leak in await stack.leaks(launch)]

    assert early == {"alpha"}
    assert told == [("alpha", product)]
