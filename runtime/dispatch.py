"""Tells runs of new facts: starts the run that a thing lacks, signals the one it has."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from db.runs import Due, claim, due, later, told
from domain.refs import Recorded
from runtime.processes import ORDERS, Process
from workflows.names import WORKFLOWS

if TYPE_CHECKING:
    from temporalio.client import Client, WorkflowHandle

    from runtime.wiring import Hub

BATCH = 100
AT_ONCE = 16
_RPC = timedelta(seconds=5)
RECORDED = "recorded"
"""The signal that every process has."""


class Dispatch:
    """Delivers the outbox of one process. Everything may be done twice: a run that is told twice looks once."""

    def __init__(self, hub: Hub, client: Client, process: Process = ORDERS) -> None:
        self._hub = hub
        self._client = client
        self._process = process
        self._runs = process.runs
        self._slots = asyncio.Semaphore(AT_ONCE)

    @property
    def outbox(self) -> str:
        """The name of its table."""
        return self._runs.outbox.name

    async def drain(self) -> int:
        """Deliver one batch; returns how many were delivered. RPCError when Temporal does not answer."""
        rows = await self._hub.database.read(lambda tx: due(tx, self._runs, datetime.now(UTC), BATCH))
        if not rows:
            return 0
        results = await asyncio.gather(*(self._signal(row) for row in rows if row.run_open))
        lacking = [row for row in rows if not row.run_open] + [row for row, known in results if not known]
        done = [row for row, known in results if known]
        if lacking:
            started = await self._start(lacking)
            done += started
            await self._postpone([row for row in lacking if row not in started])
        await self._hub.database.write(lambda tx: told(tx, self._runs, [(row.id, row.seq) for row in done]))
        return len(done)

    async def _signal(self, row: Due) -> tuple[Due, bool]:
        """False when there is no such run any more, for instance because the engine's file was deleted."""
        handle = self._handle(row)
        async with self._slots:
            try:
                await handle.signal(RECORDED, Recorded(seq=row.seq), rpc_timeout=_RPC)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                return row, False
        return row, True

    async def _start(self, rows: list[Due]) -> list[Due]:
        numbers = await self._hub.database.write(lambda tx: claim(tx, self._runs, [row.id for row in rows]))
        started = await asyncio.gather(*(self._start_one(row, numbers[row.id]) for row in rows))
        return [row for row, is_new in zip(rows, started, strict=True) if is_new]

    async def _start_one(self, row: Due, run_no: int) -> bool:
        """False while an older run of it is still ending."""
        async with self._slots:
            try:
                await self._client.start_workflow(
                    self._process.name,
                    self._process.given(row, run_no),
                    id=self._process.run_id(row.id),
                    task_queue=WORKFLOWS,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    rpc_timeout=_RPC,
                    **self._process.options(row),
                )
            except WorkflowAlreadyStartedError:
                return await self._supersede(row)
        return True

    async def _supersede(self, row: Due) -> bool:
        """Wake the older run, which sees its number and ends; the start is tried again shortly after."""
        handle = self._handle(row)
        try:
            await handle.signal(RECORDED, Recorded(seq=row.seq + 1), rpc_timeout=_RPC)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
        return False

    async def _postpone(self, rows: list[Due]) -> None:
        if rows:
            await self._hub.database.write(
                lambda tx: later(tx, self._runs, [row.id for row in rows], datetime.now(UTC))
            )

    def _handle(self, row: Due) -> WorkflowHandle[object, object]:
        return self._client.get_workflow_handle(self._process.run_id(row.id))
