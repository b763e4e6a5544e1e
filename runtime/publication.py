"""The relay's part in publication: follows the marks of stock movements, wakes runs at rest, finds lost ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy

from db.flows import INVENTORY, running
from db.marking import mark, to_wake, wake_lost, woken
from db.safety_stock import needs_tick, tick
from domain.refs import SyncCursor
from workflows.inventory_sync import InventorySync
from workflows.names import CONNECTION, WORKFLOWS, inventory_sync

if TYPE_CHECKING:
    from temporalio.client import Client

    from runtime.wiring import Hub

log = structlog.get_logger()

_RPC = timedelta(seconds=5)
_RUNNING = "WorkflowType = 'InventorySync' AND ExecutionStatus = 'Running'"


class Publication:
    """Safe to repeat: marks that were followed are gone, and a run that is woken twice looks once."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self._hub = hub
        self._client = client
        self._suspected: set[str] = set()

    async def follow_marks(self) -> int:
        """One pass over what has moved; returns how much there was, so that the relay goes on at once."""
        database = self._hub.database
        moved = database.may_have("inventory_levels", "version > seen") or database.may_have("recomputes")
        if not moved or not database.may_have("flows", "mode <> 'off'"):
            return 0
        marked = await database.write(lambda tx: mark(tx, datetime.now(UTC)))
        return marked.seen

    async def follow_clock(self) -> int:
        """Carry out what began or ended: profiles, launch reserves, the time that availability may be unknown."""
        database = self._hub.database
        if not database.may_have("flows", "mode <> 'off'"):
            return 0
        if await database.read(lambda tx: needs_tick(tx, datetime.now(UTC))):
            await database.write(lambda tx: tick(tx, datetime.now(UTC)))
        return 0

    async def wake_runs(self) -> int:
        """One signal per connection and burst; a run that does not exist is started by it."""
        if not self._hub.database.may_have("inventory_syncs", "wake"):
            return 0
        names = await self._hub.database.read(to_wake)
        for name in names:
            await self._wake(name)
            await self._hub.database.write(lambda tx, name=name: woken(tx, name))  # type: ignore[misc]
        return len(names)

    async def reconcile(self) -> int:
        """Start runs anew that were missing twice in a row: Temporal's list lags a little behind its truth."""
        wanted = set(await self._hub.database.read(lambda tx: running(tx, INVENTORY)))
        shown = {run.id async for run in self._client.list_workflows(_RUNNING)} if wanted else set()
        missing = {name for name in wanted if inventory_sync(name) not in shown}
        lost = missing & self._suspected
        self._suspected = missing
        if lost:
            log.warning("runs were lost and are started anew", process=InventorySync.__name__, runs=len(lost))
            await self._hub.database.write(lambda tx: wake_lost(tx, lost))
        return len(lost)

    async def _wake(self, name: str) -> None:
        await self._client.start_workflow(
            InventorySync.run,
            SyncCursor(connection_id=name),
            id=inventory_sync(name),
            task_queue=WORKFLOWS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="woken",
            static_summary=f"Stock numbers of {name}",
            search_attributes=TypedSearchAttributes([SearchAttributePair(CONNECTION, name)]),
            rpc_timeout=_RPC,
        )
