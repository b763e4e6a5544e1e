"""The connector at a simulated shop in this process."""

from collections.abc import AsyncIterator

import pytest

from tests.connectors.shopify.shop import SimulatedShop


@pytest.fixture
async def shop() -> AsyncIterator[SimulatedShop]:
    async with SimulatedShop.opened() as simulated:
        yield simulated
