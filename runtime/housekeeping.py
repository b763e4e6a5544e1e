"""What is done now and then: schedules that must exist, records past their retention."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)

from db import forged
from db.connections import every
from db.retention import forget
from domain.refs import ConnectionRef
from workflows.names import STOCK_AUDIT, WORKFLOWS, sweep
from workflows.stock_audit import StockAudit
from workflows.sweep import Sweep

if TYPE_CHECKING:
    from temporalio.client import Client

    from runtime.wiring import Hub

SWEEP_EVERY = timedelta(minutes=2)
AUDIT_EVERY = timedelta(hours=1)


class Housekeeping:
    """Repeatable."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self._hub = hub
        self._client = client
        self._intervals: dict[str, timedelta] = {}

    async def keep_schedules(self) -> int:
        """Every connection that is past onboarding has its sweep; one that was lost with the engine's file comes back."""
        for connection in await self._hub.database.read(every):
            if connection.mode != "onboarding" and connection.platform not in {"manual", "store"}:
                await self._schedule_sweep(connection.id, connection.settings.get("sweep_seconds"))
        await self._schedule(STOCK_AUDIT, _audit_schedule())
        return 0

    async def _schedule(self, name: str, schedule: Schedule) -> None:
        """Made once; what somebody changed of it in the Temporal UI stays."""
        with suppress(ScheduleAlreadyRunningError):
            await self._client.create_schedule(name, schedule)

    async def close_quiet(self) -> int:
        """Close what was raised about forgeries that have ceased; returns how many."""
        if not await self._hub.database.read(lambda tx: forged.quiet(tx, datetime.now(UTC))):
            return 0
        return await self._hub.database.write(lambda tx: forged.close_quiet(tx, datetime.now(UTC)))

    async def forget_old(self) -> int:
        """Throw away what is past its retention; returns how many records."""
        settings = self._hub.settings
        return await self._hub.database.write(
            lambda tx: forget(
                tx,
                datetime.now(UTC),
                inbox=timedelta(days=settings.retention_inbox_days),
                effects=timedelta(days=settings.retention_effects_days),
                decisions=timedelta(days=settings.retention_decisions_days),
            )
        )

    async def _schedule_sweep(self, connection_id: str, seconds: float | None) -> None:
        """A changed interval takes effect; a pause that someone set in the Temporal UI stays."""
        interval = timedelta(seconds=seconds) if seconds else SWEEP_EVERY
        spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)], jitter=interval / 10)
        try:
            await self._client.create_schedule(sweep(connection_id), _sweep_schedule(connection_id, spec))
        except ScheduleAlreadyRunningError:
            if self._intervals.get(connection_id) != interval:
                await self._client.get_schedule_handle(sweep(connection_id)).update(
                    lambda known: ScheduleUpdate(replace(known.description.schedule, spec=spec))
                )
        self._intervals[connection_id] = interval


def _sweep_schedule(connection_id: str, spec: ScheduleSpec) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            Sweep.run,
            ConnectionRef(connection_id=connection_id),
            id=sweep(connection_id),
            task_queue=WORKFLOWS,
            static_summary=f"What the webhooks of {connection_id} missed",
        ),
        spec=spec,
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )


def _audit_schedule() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            StockAudit.run,
            id=STOCK_AUDIT,
            task_queue=WORKFLOWS,
            static_summary="The inventory ledger recomputed, and the result signed",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=AUDIT_EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=10)),
    )
