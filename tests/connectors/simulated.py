"""Simulated platforms in this process: built once, for their routes are costly, and forgetful after each use."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from sandbox.faults import FaultPlan, Faults
from sandbox.webhooks import RETRY_AFTER_SECONDS, Outbox

Build = Callable[[Faults, Outbox], Any]
"""A module's `platform`."""


class Simulated:
    """A platform, and a hub that only remembers; it says the last of `answers` to every webhook."""

    def __init__(self, build: Build, control: str) -> None:
        self.delivered: list[httpx.Request] = []
        self.answers = [200]
        self.faults = Faults()
        self.outbox = Outbox(self.faults, httpx.AsyncClient(transport=httpx.MockTransport(self._take)))
        self.simulator = build(self.faults, self.outbox)
        app = FastAPI(routes=self.simulator.routes)
        app.include_router(self.simulator.control, prefix=control)
        self.transport = httpx.ASGITransport(app)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.delivered.append(request)
        return httpx.Response(self.answers[-1])

    async def forget(self) -> None:
        """Nothing that was on its way arrives later, at the next user's."""
        self.outbox.reset()
        await self.outbox.drain()
        self.outbox.counts.clear()
        self.outbox.retry_after_seconds = RETRY_AFTER_SECONDS
        self.faults.apply(FaultPlan())
        self.simulator.reset()
        self.delivered.clear()
        self.answers[:] = [200]


_IDLE: defaultdict[tuple[Build, str], list[Simulated]] = defaultdict(list)


@asynccontextmanager
async def simulated(build: Build, *, control: str = "") -> AsyncIterator[Simulated]:
    """One that nobody else uses meanwhile; where it is used in a test that fails, nobody uses it again."""
    idle = _IDLE[build, control]
    one = idle.pop() if idle else Simulated(build, control)
    yield one
    await one.forget()
    idle.append(one)
