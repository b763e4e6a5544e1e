"""Tells runs of launches what is new: starts the run that a launch lacks, signals the one it has."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy

from db.launch_reading import LAUNCHES, open_launches
from domain.launch.standing import LaunchRef
from domain.refs import Recorded
from workflows.names import LAUNCH, WORKFLOWS, product_launch
from workflows.product_launch import ProductLaunch

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row
    from temporalio.client import Client

    from runtime.wiring import Hub

_RPC = timedelta(seconds=5)
RUNNING = "WorkflowType = 'ProductLaunch' AND ExecutionStatus = 'Running'"


class LaunchDispatch:
    """Everything it does may be done twice: a run that is told twice looks once."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self._hub = hub
        self._client = client
        self._suspected: set[str] = set()

    async def deliver(self) -> int:
        """Tell every launch that has facts its run has not heard of; returns how many."""
        if not self._hub.database.may_have("launches", "outcome IS NULL AND told_seq < seq"):
            return 0
        rows = await self._hub.database.read(_untold)
        for row in rows:
            await self._tell(row)
        await self._hub.database.write(lambda tx: _told(tx, rows))
        return len(rows)

    async def reconcile(self) -> int:
        """Every open launch has a run: one that was missing twice in a row is started anew and resumes from the facts."""
        rows = await self._hub.database.read(open_launches)
        if not rows:
            return 0
        shown = {run.id async for run in self._client.list_workflows(RUNNING)}
        missing = {row.id for row in rows if product_launch(row.id) not in shown}
        lost = [row for row in rows if row.id in missing & self._suspected]
        self._suspected = missing
        for row in lost:
            await self._tell(row)
        return len(lost)

    async def _tell(self, row: Row[Any]) -> None:
        await self._client.start_workflow(
            ProductLaunch.run,
            LaunchRef(launch_id=row.id),
            id=product_launch(row.id),
            task_queue=WORKFLOWS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="recorded",
            start_signal_args=[Recorded(seq=row.seq)],
            static_summary=f"Launch {row.name}",
            search_attributes=TypedSearchAttributes([SearchAttributePair(LAUNCH, row.id)]),
            rpc_timeout=_RPC,
        )


def _untold(tx: Connection) -> list[Row[Any]]:
    untold = select(LAUNCHES).where(LAUNCHES.c.outcome.is_(None), LAUNCHES.c.told_seq < LAUNCHES.c.seq)
    return list(tx.execute(untold.order_by(LAUNCHES.c.id)))


def _told(tx: Connection, rows: list[Row[Any]]) -> None:
    for row in rows:
        tx.execute(
            update(LAUNCHES).where(LAUNCHES.c.id == row.id, LAUNCHES.c.told_seq < row.seq).values(told_seq=row.seq)
        )
