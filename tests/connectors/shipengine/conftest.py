from collections.abc import AsyncIterator

import pytest_asyncio

from tests.connectors.shipengine.world import World, opened


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with opened() as one:
        yield one
