"""A connector against a fresh simulated account."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from connectors.amazon.connector import AmazonConfig, AmazonConnector
from connectors.contract import Surroundings
from sandbox.amazon.app import Amazon, platform
from sandbox.faults import Faults
from sandbox.webhooks import Outbox
from tests.connectors.amazon.official import MODELS, OfficialTransport
from tests.connectors.amazon.subject import config, furnish


@dataclass
class Seller:
    """Both sides, the faults between them, and buyers' eyes."""

    connector: AmazonConnector
    simulator: Amazon
    faults: Faults
    web: httpx.AsyncClient
    wire: httpx.AsyncBaseTransport

    def set(self, **changes: object) -> None:
        account = self.simulator.account
        account.settings = account.settings.model_copy(update=changes)

    async def page(self, sku: str) -> int:
        """What a shopper's browser is answered."""
        return (await self.web.get(f"http://sandbox/amazon/dp/{sku}")).status_code

    async def control(self, path: str, body: object = None) -> object:
        answer = await self.web.post(f"http://sandbox/control/{path}", json=body)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture
async def seller() -> AsyncIterator[Seller]:
    faults = Faults()
    simulator = platform(faults, Outbox(faults))
    furnish(simulator)
    app = FastAPI(routes=simulator.routes)
    app.include_router(simulator.control, prefix="/control")
    inner = httpx.ASGITransport(app)
    wire = OfficialTransport(inner) if MODELS.exists() else inner
    settings = AmazonConfig.model_validate(config(simulator))
    connector = AmazonConnector.open(settings, Surroundings(connection_id="amazon", transport=wire))
    async with httpx.AsyncClient(transport=inner) as web:
        yield Seller(connector, simulator, faults, web, wire)
    await connector.close()
