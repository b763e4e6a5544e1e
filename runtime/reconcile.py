"""Gives everything that is open exactly one run: what Temporal has lost is started anew from the facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from db.runs import count_open, open_runs, restart
from runtime.processes import ORDERS, Process

if TYPE_CHECKING:
    from temporalio.client import Client

    from runtime.wiring import Hub

log = structlog.get_logger()


class Reconciler:
    """Compares what should have a run with the runs that Temporal shows."""

    def __init__(self, hub: Hub, client: Client, process: Process = ORDERS) -> None:
        self._hub = hub
        self._process = process
        self._client = client
        self._suspected: set[tuple[str, int]] = set()

    async def reconcile(self) -> int:
        """Restart runs that were missing twice in a row: Temporal's list lags a little behind its truth."""
        runs = self._process.runs
        wanted = await self._hub.database.read(lambda tx: count_open(tx, runs))
        running = await self._client.count_workflows(self._running)
        if running.count >= wanted:
            self._suspected.clear()
            return 0
        expected = await self._hub.database.read(lambda tx: open_runs(tx, runs))
        shown = {run.id async for run in self._client.list_workflows(self._running)}
        missing = {(name, run_no) for name, run_no in expected.items() if self._process.run_id(name) not in shown}
        lost = [name for name, run_no in missing & self._suspected]
        self._suspected = missing
        if lost:
            log.warning("runs were lost and are started anew", process=self._process.name, runs=len(lost))
            await self._hub.database.write(lambda tx: restart(tx, runs, lost, datetime.now(UTC)))
        return len(lost)

    @property
    def _running(self) -> str:
        return f"WorkflowType = '{self._process.name}' AND ExecutionStatus = 'Running'"
