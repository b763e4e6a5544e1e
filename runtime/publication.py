"""The relay's part in publication: follows the marks of stock movements, wakes runs at rest, finds lost ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy

from db.flows import CONTENT, INVENTORY, running
from db.marking import mark
from db.safety_stock import needs_tick, tick
from db.syncs import Run, start, to_wake, woken
from domain.refs import SyncCursor
from workflows.content_sync import ContentSync
from workflows.inventory_sync import InventorySync
from workflows.names import CONNECTION, WORKFLOWS, content_sync, inventory_sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from temporalio.client import Client

    from runtime.wiring import Hub

log = structlog.get_logger()

_RPC = timedelta(seconds=5)
_RUNNING = "WorkflowType IN ('InventorySync', 'ContentSync') AND ExecutionStatus = 'Running'"
_RUNS: dict[str, tuple[Any, Callable[[str], str], str]] = {
    INVENTORY: (InventorySync.run, inventory_sync, "Stock numbers"),
    CONTENT: (ContentSync.run, content_sync, "Content"),
}
"""By flow: the process, its id, and what it keeps right."""


class Publication:
    """Safe to repeat: marks that were followed are gone, and a run that is woken twice looks once."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self._hub = hub
        self._client = client
        self._suspected: set[Run] = set()

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
        if not self._hub.database.may_have("flow_syncs", "wake"):
            return 0
        runs = await self._hub.database.read(to_wake)
        for run in runs:
            await self._wake(run)
            await self._hub.database.write(lambda tx, run=run: woken(tx, run))  # type: ignore[misc]
        return len(runs)

    async def reconcile(self) -> int:
        """Start runs anew that were missing twice in a row: Temporal's list lags a little behind its truth."""
        wanted = await self._hub.database.read(_wanted)
        shown = {run.id async for run in self._client.list_workflows(_RUNNING)} if wanted else set()
        missing = {run for run in wanted if _RUNS[run.flow][1](run.connection_id) not in shown}
        lost = missing & self._suspected
        self._suspected = missing
        if lost:
            log.warning("runs of flows were lost and are started anew", runs=len(lost))
        for run in lost:
            await self._hub.database.write(lambda tx, run=run: start(tx, run))  # type: ignore[misc]
        return len(lost)

    async def _wake(self, run: Run) -> None:
        process, workflow_id, what = _RUNS[run.flow]
        name = run.connection_id
        await self._client.start_workflow(
            process,
            SyncCursor(connection_id=name),
            id=workflow_id(name),
            task_queue=WORKFLOWS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="woken",
            static_summary=f"{what} of {name}",
            search_attributes=TypedSearchAttributes([SearchAttributePair(CONNECTION, name)]),
            rpc_timeout=_RPC,
        )


def _wanted(tx: Connection) -> set[Run]:
    """A flow that is not off has its run, at work or at rest."""
    return {Run(name, flow) for flow in _RUNS for name in running(tx, flow)}
