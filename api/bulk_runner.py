"""Carries jobs of many parts out in the background, a few parts at a time."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol

import structlog
from sqlalchemy import Connection

from db.session import Database

_LOG = structlog.get_logger(__name__)


class Jobs(Protocol):
    """Jobs that are kept in the database, such as `db.bulk`."""

    def step(self, tx: Connection, job_id: str, now: datetime) -> bool:
        """Do some more; False when nothing is left."""

    def unfinished(self, tx: Connection) -> list[str]:
        """Jobs that a process left behind."""


class BulkRunner:
    """One per process and kind of job; what a process leaves behind is finished by the next one that starts."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._database = database
        self._jobs = jobs
        self._tasks: set[asyncio.Task[None]] = set()

    async def resume(self) -> None:
        """Take up the jobs that are not finished."""
        for job_id in await self._database.read(self._jobs.unfinished):
            self.start(job_id)

    def start(self, job_id: str) -> None:
        """Begin a job; returns at once."""
        task = asyncio.create_task(self._run(job_id), name=job_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Wait until the jobs of this process are done."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Stop between two transactions."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, job_id: str) -> None:
        try:
            more = True
            while more:  # between two transactions webhooks and people get their turn
                more = await self._database.write(lambda tx: self._jobs.step(tx, job_id, datetime.now(UTC)))
        except Exception:  # noqa: BLE001 nobody awaits the task: the log is where its failure is seen
            _LOG.exception("bulk job stopped; it goes on at the next start", job=job_id)
