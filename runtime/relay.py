"""The relay: one process at a time reads deliveries, tells runs of facts, and keeps house."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from temporalio.service import RPCError

from db.leases import give_up, hold
from runtime.alerts import Alerts
from runtime.dispatch import Dispatch
from runtime.housekeeping import Housekeeping
from runtime.intake import Intake
from runtime.processes import PROCESSES
from runtime.publication import Publication
from runtime.queues import Queues
from runtime.reconcile import Reconciler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from temporalio.client import Client

    from runtime.wiring import Hub

log = structlog.get_logger()

NAME = "relay"
LEASE = timedelta(seconds=4)
RENEW_S = 1.0
IDLE_S = 0.03
QUEUES_S = 1.0
"""Between looks at platforms' queues that were empty; each look is a long poll."""
CLOCK_S = 1.0
"""A profile or a launch reserve begins and ends this exactly."""
RECONCILE_S = 5.0
SCHEDULES_S = 5.0
"""A new connection is swept this soon."""
QUIET_S = 2.0
"""What was raised about forgeries closes this soon after they have ceased."""
RETENTION_S = 60.0
ALERTS_S = 30.0
MESSAGES_S = 1.0
MEASURE_S = 60.0
"""How right the channels' numbers are is sampled this often."""


class Relay:
    """Everything in it is safe to repeat, so that a lease that passes on in the middle does no harm."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self._hub = hub
        self._holder = uuid4().hex
        self._intake = Intake(hub)
        self._queues = Queues(hub)
        self._dispatch = [Dispatch(hub, client, process) for process in PROCESSES]
        self._publication = Publication(hub, client)
        self._reconcilers = [Reconciler(hub, client, process) for process in PROCESSES]
        self._housekeeping = Housekeeping(hub, client)
        self._alerts = Alerts(hub)
        self._is_mine = asyncio.Event()

    async def run(self) -> None:
        """Until canceled."""
        try:
            await asyncio.gather(
                self._renew(),
                self._loop("intake", self._read_inbox, IDLE_S),
                self._loop("queues", self._queues.drain, QUEUES_S),
                *(self._loop("dispatch", self._delivery(one), IDLE_S) for one in self._dispatch),
                self._loop("publication", self._publication.follow_marks, IDLE_S),
                self._loop("clock", self._publication.follow_clock, CLOCK_S, always_wait=True),
                self._loop("wake", self._publication.wake_runs, IDLE_S),
                self._loop("publication runs", self._publication.reconcile, RECONCILE_S, always_wait=True),
                *(self._loop("reconcile", one.reconcile, RECONCILE_S, always_wait=True) for one in self._reconcilers),
                self._loop("schedules", self._housekeeping.keep_schedules, SCHEDULES_S, always_wait=True),
                self._loop("forgeries", self._housekeeping.close_quiet, QUIET_S, always_wait=True),
                self._loop("measures", self._housekeeping.measure, MEASURE_S, always_wait=True),
                self._loop("alerts", self._alerts.evaluate, ALERTS_S, always_wait=True),
                self._loop("alert messages", self._alerts.deliver, MESSAGES_S, always_wait=True),
                self._loop("retention", self._housekeeping.forget_old, RETENTION_S, always_wait=True),
            )
        finally:
            await self._hub.database.write(lambda tx: give_up(tx, NAME, self._holder, datetime.now(UTC)))

    async def _read_inbox(self) -> int:
        return await self._intake.drain() if self._hub.database.may_have("inbox", "state = 'new'") else 0

    def _delivery(self, dispatch: Dispatch) -> Callable[[], Awaitable[int]]:
        async def deliver() -> int:
            return await dispatch.drain() if self._hub.database.may_have(dispatch.outbox) else 0

        return deliver

    async def _renew(self) -> None:
        while True:
            mine = await self._hub.database.write(lambda tx: hold(tx, NAME, self._holder, datetime.now(UTC), LEASE))
            if mine:
                self._is_mine.set()
            else:
                self._is_mine.clear()
            await asyncio.sleep(RENEW_S)

    async def _loop(
        self, name: str, job: Callable[[], Awaitable[int]], idle_s: float, *, always_wait: bool = False
    ) -> None:
        """Run a job again and again; an engine that is down is waited for, any other error is logged and survived."""
        quiet_until = 0.0
        while True:
            await self._is_mine.wait()
            done = 0
            try:
                done = await job()
            except RPCError as error:
                if monotonic() > quiet_until:
                    log.warning("Temporal does not answer", job=name, status=str(error.status))
                    quiet_until = monotonic() + 30
                await asyncio.sleep(0.5)
            except Exception:
                log.exception("relay job failed", job=name)
                await asyncio.sleep(1)
            if always_wait or not done:
                await asyncio.sleep(idle_s)
