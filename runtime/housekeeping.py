"""What is done now and then: schedules that must exist, records past their retention."""

from __future__ import annotations

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
)

from db.connections import every
from db.retention import forget
from domain.refs import ConnectionRef
from workflows.names import WORKFLOWS, sweep
from workflows.sweep import Sweep

if TYPE_CHECKING:
    from temporalio.client import Client

    from runtime.wiring import Hub

SWEEP_EVERY = timedelta(minutes=2)


class Housekeeping:
    """Repeatable; a schedule that was lost with the engine's file comes back."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self._hub = hub
        self._client = client

    async def run(self) -> int:
        """Once around."""
        for connection in await self._hub.database.read(every):
            if connection.mode != "onboarding" and connection.platform not in {"manual", "store"}:
                await self._schedule_sweep(connection.id, connection.settings.get("sweep_seconds"))
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
        every_ = timedelta(seconds=seconds) if seconds else SWEEP_EVERY
        try:
            await self._client.create_schedule(
                sweep(connection_id),
                Schedule(
                    action=ScheduleActionStartWorkflow(
                        Sweep.run,
                        ConnectionRef(connection_id=connection_id),
                        id=sweep(connection_id),
                        task_queue=WORKFLOWS,
                        static_summary=f"What the webhooks of {connection_id} missed",
                    ),
                    spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every_)], jitter=every_ / 10),
                    policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
                ),
            )
        except ScheduleAlreadyRunningError:
            return
