"""Fetches deliveries from platforms that keep them in a queue: stored first, acknowledged then."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import structlog

from connectors.contract import QueuesDeliveries
from connectors.errors import ConnectorError
from connectors.registry import installed
from db import inbox
from db.connections import every
from db.inbox import Arrived

if TYPE_CHECKING:
    from connectors.contract import QueuedDelivery
    from runtime.wiring import Hub

log = structlog.get_logger()


class Queues:
    """Repeatable: what was stored and not acknowledged comes again, and is known by its event id."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def drain(self) -> int:
        """Wait a little for news in every queue; returns how many deliveries came."""
        connections = await self._hub.database.read(every)
        named = [one.id for one in connections if one.mode != "onboarding" and self._has_queue(one.platform)]
        return sum(await asyncio.gather(*(self._fetch(connection_id) for connection_id in named)))

    @staticmethod
    def _has_queue(platform: str) -> bool:
        connector = installed().get(platform)
        return connector is not None and issubclass(connector, QueuesDeliveries)

    async def _fetch(self, connection_id: str) -> int:
        """A queue that cannot be read is left to the next round; the sweep finds what it holds back."""
        try:
            connector = cast("QueuesDeliveries", await self._hub.connector(connection_id))
            waiting = await connector.waiting_deliveries()
            if waiting:
                await self._store(connection_id, waiting)
                await connector.acknowledge(tuple(each.receipt for each in waiting))
        except ConnectorError as error:
            log.warning("queue not read", connection=connection_id, error=type(error).__name__)
            await asyncio.sleep(1)
            return 0
        return len(waiting)

    async def _store(self, connection_id: str, waiting: tuple[QueuedDelivery, ...]) -> None:
        arrived = [
            Arrived(connection_id, one.topic, one.event_id, one.body, one.triggered_at)
            for one in (each.delivery for each in waiting)
        ]
        now = datetime.now(UTC)
        keys = self._hub.keys
        await self._hub.database.write(lambda tx: [inbox.store(tx, keys, each, now) for each in arrived])
