"""What is done now and then: schedules that must exist, records past their retention."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

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

from db import content_hours, content_policy, drift, forged, stock_hours, untold, verification_policy
from db.connections import every
from db.retention import forget
from domain.refs import ConnectionRef, VerificationCursor
from workflows.content_verification import ContentVerification
from workflows.names import STOCK_AUDIT, WORKFLOWS, content_verification, stock_verification, sweep
from workflows.stock_audit import StockAudit
from workflows.stock_verification import StockVerification
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
                seconds = connection.settings.get("sweep_seconds")
                interval = timedelta(seconds=seconds) if seconds else SWEEP_EVERY
                await self._keep(sweep(connection.id), _sweep_schedule(connection.id, interval), interval)
        for connection_id, interval in (await self._hub.database.read(verification_policy.intervals)).items():
            schedule = _verification_schedule(connection_id, interval)
            await self._keep(stock_verification(connection_id), schedule, interval)
        for connection_id, interval in (await self._hub.database.read(content_policy.intervals)).items():
            schedule = _content_schedule(connection_id, interval)
            await self._keep(content_verification(connection_id), schedule, interval)
        await self._keep(STOCK_AUDIT, _audit_schedule(), AUDIT_EVERY)
        return 0

    async def close_quiet(self) -> int:
        """Close what was raised about forgeries that have ceased; returns how many."""
        if not await self._hub.database.read(lambda tx: forged.quiet(tx, datetime.now(UTC))):
            return 0
        return await self._hub.database.write(lambda tx: forged.close_quiet(tx, datetime.now(UTC)))

    async def measure(self) -> int:
        """Add the time since the last look to the hour's measures, close drift that is mended, tell what is untold."""
        if not self._hub.database.may_have("flows", "mode <> 'off'"):
            return 0
        await self._hub.database.write(lambda tx: stock_hours.measure(tx, datetime.now(UTC)))
        await self._hub.database.write(lambda tx: content_hours.measure(tx, datetime.now(UTC)))
        listings = await self._hub.database.read(untold.count)
        await self._hub.database.write(lambda tx: untold.note(tx, listings, datetime.now(UTC)))
        return await self._hub.database.write(lambda tx: drift.close_mended(tx, datetime.now(UTC)))

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

    async def _keep(self, name: str, schedule: Schedule, interval: timedelta) -> None:
        """A changed interval takes effect; a pause that someone set in the Temporal UI stays."""
        try:
            await self._client.create_schedule(name, schedule)
        except ScheduleAlreadyRunningError:
            if self._intervals.get(name) != interval:
                await self._client.get_schedule_handle(name).update(
                    lambda known: ScheduleUpdate(replace(known.description.schedule, spec=schedule.spec))
                )
        self._intervals[name] = interval


def _sweep_schedule(connection_id: str, interval: timedelta) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            Sweep.run,
            ConnectionRef(connection_id=connection_id),
            id=sweep(connection_id),
            task_queue=WORKFLOWS,
            static_summary=f"What the webhooks of {connection_id} missed",
        ),
        spec=_every(interval),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )


def _verification_schedule(connection_id: str, interval: timedelta) -> Schedule:
    summary = f"Whether {connection_id} shows the numbers that it should"
    return _rounds(StockVerification.run, stock_verification(connection_id), connection_id, summary, interval)


def _content_schedule(connection_id: str, interval: timedelta) -> Schedule:
    summary = f"Whether the listings of {connection_id} show what they should"
    return _rounds(ContentVerification.run, content_verification(connection_id), connection_id, summary, interval)


def _rounds(process: Any, name: str, connection_id: str, summary: str, interval: timedelta) -> Schedule:
    """A round of looking at everything that a connection shows, now and again, one at a time."""
    return Schedule(
        action=ScheduleActionStartWorkflow(
            process,
            VerificationCursor(connection_id=connection_id),
            id=name,
            task_queue=WORKFLOWS,
            static_summary=summary,
        ),
        spec=_every(interval),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )


def _every(interval: timedelta) -> ScheduleSpec:
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)], jitter=interval / 10)


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
