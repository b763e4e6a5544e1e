"""The world of these tests."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.connectors.square.till import World, opened


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with opened() as found:
        yield found
