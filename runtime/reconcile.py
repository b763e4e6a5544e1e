"""Gives every open order exactly one run: what Temporal has lost is started anew from the facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from db.runs import count_open, open_runs, restart
from workflows.names import order_routing

if TYPE_CHECKING:
    from temporalio.client import Client

    from runtime.wiring import Hub

log = structlog.get_logger()

RUNNING = "WorkflowType = 'OrderRouting' AND ExecutionStatus = 'Running'"


class Reconciler:
    """Compares the orders that should have a run with the runs that Temporal shows."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self._hub = hub
        self._client = client
        self._suspected: set[tuple[str, int]] = set()

    async def reconcile(self) -> int:
        """Restart runs that were missing twice in a row: Temporal's list lags a little behind its truth."""
        wanted = await self._hub.database.read(count_open)
        running = await self._client.count_workflows(RUNNING)
        if running.count >= wanted:
            self._suspected.clear()
            return 0
        expected = await self._hub.database.read(open_runs)
        shown = {run.id async for run in self._client.list_workflows(RUNNING)}
        missing = {(order, run_no) for order, run_no in expected.items() if order_routing(order) not in shown}
        lost = [order for order, run_no in missing & self._suspected]
        self._suspected = missing
        if lost:
            log.warning("runs were lost and are started anew", orders=len(lost))
            await self._hub.database.write(lambda tx: restart(tx, lost, datetime.now(UTC)))
        return len(lost)
