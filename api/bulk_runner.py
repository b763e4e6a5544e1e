"""Carries bulk jobs out in the background, a few orders at a time."""

import asyncio
from datetime import UTC, datetime

import structlog

from db import bulk
from db.session import Database

_LOG = structlog.get_logger(__name__)


class BulkRunner:
    """One per process; what a process leaves behind is finished by the next one that starts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: set[asyncio.Task[None]] = set()

    async def resume(self) -> None:
        """Take up the jobs that are not finished."""
        for job_id in await self._database.read(bulk.unfinished):
            self.start(job_id)

    def start(self, job_id: str) -> None:
        """Begin a job; returns at once."""
        task = asyncio.create_task(self._run(job_id), name=job_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop between two transactions."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, job_id: str) -> None:
        try:
            more = True
            while more:  # between two transactions webhooks and people get their turn
                more = await self._database.write(lambda tx: bulk.step(tx, job_id, datetime.now(UTC)))
        except Exception:  # noqa: BLE001 nobody awaits the task: the log is where its failure is seen
            _LOG.exception("bulk job stopped; it goes on at the next start", job=job_id)
