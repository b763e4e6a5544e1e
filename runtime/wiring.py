"""Puts the hub together: database, keys and open connectors, the same in every process."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from connectors.contract import Surroundings
from connectors.registry import connector as connector_class
from db.connections import config_of, load
from db.session import Database
from db.tasks import Tasks
from db.vault import Vault
from runtime.keys import load_keys

if TYPE_CHECKING:
    from connectors.contract import Connector
    from runtime.keys import Keys
    from runtime.settings import Settings

_FRESH_S = 2.0
"""How long a connector is used before its configuration is looked at again: a rotated secret counts this soon."""


class Hub:
    """One per process. `transport` lets tests reach simulators in the same process."""

    def __init__(self, settings: Settings, *, transport: Any = None, keys: Keys | None = None) -> None:
        self.settings = settings
        self.keys = keys or load_keys(settings)
        self.database = Database(settings.database_url, synchronous=settings.sqlite_synchronous)
        self.vault = Vault(self.keys)
        self.transport = transport
        self._open: dict[str, tuple[dict[str, Any], float, Connector]] = {}
        self._opening = asyncio.Lock()

    async def connector(self, connection_id: str) -> Connector:
        """The connection's connector, kept open; DomainError when there is no such connection or platform."""
        known = self._open.get(connection_id)
        if known is not None and known[1] > monotonic():
            return known[2]
        async with self._opening:
            return await self._refreshed(connection_id)

    async def _refreshed(self, connection_id: str) -> Connector:
        row = await self.database.read(lambda tx: load(tx, connection_id))
        known = self._open.get(connection_id)
        config = config_of(self.keys, row, datetime.now(UTC))  # changes by itself when a replaced secret runs out
        if known is not None and known[0] == config:
            opened = known[2]
        else:
            opened = self._opened(row, config)
            if known is not None:
                asyncio.get_running_loop().call_later(60, lambda: asyncio.ensure_future(known[2].close()))
        self._open[connection_id] = (config, monotonic() + _FRESH_S, opened)
        return opened

    def _opened(self, row: Any, config: dict[str, Any]) -> Connector:
        platform = connector_class(row.platform)
        around = Surroundings(
            connection_id=row.id,
            transport=self.transport,
            egress_allow=self.settings.egress_allow,
            tasks=Tasks(self.database),
        )
        return platform.open(platform.Config.model_validate(config), around)

    async def close(self) -> None:
        """Close connectors, then the database."""
        for _, _, opened in self._open.values():
            await opened.close()
        self._open.clear()
        await asyncio.to_thread(self.database.close)
