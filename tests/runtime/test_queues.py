"""Deliveries from a platform's queue: stored before they are acknowledged, once each."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx
import pytest
from fastapi import FastAPI

from connectors.amazon.connector import AmazonConnector
from db import connections
from db.inbox import INBOX
from db.tables import METADATA
from runtime.keys import Keys, new_key
from runtime.queues import Queues
from runtime.settings import Settings
from runtime.wiring import Hub
from sandbox.amazon.app import Amazon, platform
from sandbox.faults import Fault, FaultKind, FaultPlan, Faults
from sandbox.webhooks import Outbox
from tests.connectors.amazon.subject import ADDRESS, config

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Marketplace:
    def __init__(self, hub: Hub, simulator: Amazon, faults: Faults) -> None:
        self.hub = hub
        self.simulator = simulator
        self.faults = faults

    async def stored(self) -> list[tuple[str, str]]:
        return await self.hub.database.read(lambda tx: [(r.topic, r.event_id) for r in tx.execute(INBOX.select())])

    def notify(self) -> None:
        self.simulator.queue.notify("LISTINGS_ITEM_MFN_QUANTITY_CHANGE", {"Sku": "TEE", "Quantity": 3})


@pytest.fixture
async def marketplace(tmp_path: Path) -> AsyncIterator[Marketplace]:
    faults = Faults()
    simulator = platform(faults, Outbox(faults))
    transport = httpx.ASGITransport(FastAPI(routes=simulator.routes))
    settings = Settings(var=tmp_path, database_url=f"sqlite:///{tmp_path / 'tutti.db'}")
    hub = Hub(settings, keys=Keys([new_key()]), transport=transport)
    METADATA.create_all(hub.database.engine)
    hub.database.write_now(
        lambda tx: connections.create(tx, hub.keys, "amazon", platform="amazon", config=config(simulator), now=NOW)
    )
    hub.database.write_now(lambda tx: connections.change(tx, "amazon", mode="on"))
    connector = cast("AmazonConnector", await hub.connector("amazon"))
    await connector.subscribe(ADDRESS)
    yield Marketplace(hub, simulator, faults)
    await hub.close()


async def test_news_is_stored_and_then_taken_out_of_the_queue(marketplace: Marketplace):
    marketplace.notify()

    taken = await Queues(marketplace.hub).drain()

    assert taken == 1
    assert [topic for topic, _ in await marketplace.stored()] == ["LISTINGS_ITEM_MFN_QUANTITY_CHANGE"]
    assert marketplace.simulator.queue.messages == []


async def test_news_that_was_not_acknowledged_comes_again_and_is_stored_once(marketplace: Marketplace):
    settings = marketplace.simulator.account.settings
    marketplace.simulator.account.settings = settings.model_copy(update={"queue_hides_for": 0.0})
    marketplace.notify()
    connector = cast("AmazonConnector", await marketplace.hub.connector("amazon"))
    await connector.waiting_deliveries()

    first = await Queues(marketplace.hub).drain()
    marketplace.faults.apply(FaultPlan(faults=(Fault(kind=FaultKind.WEBHOOK_DUPLICATED, probability=1),)))
    marketplace.notify()
    second = await Queues(marketplace.hub).drain()

    assert (first, second) == (1, 2)
    assert len(await marketplace.stored()) == 2


async def test_a_queue_that_refuses_is_left_to_the_next_round(marketplace: Marketplace):
    settings = marketplace.simulator.account.settings
    marketplace.simulator.account.settings = settings.model_copy(update={"aws_secret_key": "changed"})
    marketplace.notify()

    taken = await Queues(marketplace.hub).drain()

    assert (taken, await marketplace.stored()) == (0, [])
    assert len(marketplace.simulator.queue.messages) == 1
