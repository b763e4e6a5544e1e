"""The database as a launch's own steps see it: where it stands, decisions, the barrier."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from db import launches
from db.launch_facts import note
from db.launch_reading import LAUNCHES, load, row_of
from db.launch_settling import fail_channel, settle
from db.launch_stock import let_go
from db.session import Database
from domain.launch.approval import Approval
from domain.launch.standing import Batch, LaunchRef, LaunchStanding, standing, why_not_ready


class LaunchDesk:
    """Every answer is where the launch stands after it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @staticmethod
    def now() -> datetime:
        """The clock of facts."""
        return datetime.now(UTC)

    async def standing(self, launch: LaunchRef) -> LaunchStanding:
        """After what facts and clock demand was carried out."""
        return await self.run_writes(launch, lambda tx, now: None)  # noqa: ARG005

    async def standing_of(self, batch: Batch) -> LaunchStanding:
        return await self.write(batch.launch_id, lambda tx, now: None)  # noqa: ARG005

    async def run_writes(self, launch: LaunchRef, change: Callable[[Connection, datetime], None]) -> LaunchStanding:
        """As `write`; a run that is superseded changes nothing and ends."""
        row = await self.database.read(lambda tx: row_of(tx, launch.launch_id))
        if row.run_no != launch.run_no:
            return LaunchStanding(
                seq=row.seq, step=row.step, stage="over", headline="another run took over",
                go_live_at=row.go_live_at, outcome="superseded",
            )  # fmt: skip
        return await self.write(launch.launch_id, change)

    async def write(self, launch_id: str, change: Callable[[Connection, datetime], None]) -> LaunchStanding:
        """One transaction: the change, then the standing."""

        def work(tx: Connection) -> LaunchStanding:
            tx.execute(select(LAUNCHES.c.id).where(LAUNCHES.c.id == launch_id).with_for_update()).one()
            now = self.now()
            tx.execute(update(LAUNCHES).where(LAUNCHES.c.id == launch_id).values(step=LAUNCHES.c.step + 1))
            change(tx, now)
            return settle(tx, launch_id, now)

        return await self.database.write(work)

    async def approve(self, launch: LaunchRef, approval: Approval) -> LaunchStanding:
        return await self.run_writes(launch, lambda tx, now: launches.approve(tx, launch.launch_id, approval, now))

    async def pass_barrier(self, launch: LaunchRef) -> LaunchStanding:
        """At its moment, and only if everything is ready: from here on the plan is fixed."""

        def change(tx: Connection, now: datetime) -> None:
            facts = load(tx, launch.launch_id)
            ready = facts.outcome is None and not facts.restoring and not facts.is_paused and not why_not_ready(facts)
            if facts.barrier_at is None and ready and not facts.cancel_asked and now >= facts.go_live_at:
                tx.execute(update(LAUNCHES).where(LAUNCHES.c.id == launch.launch_id).values(barrier_at=now))
                note(tx, launch.launch_id, "barrier", now)
                let_go(tx, launch.launch_id, now)

        return await self.run_writes(launch, change)

    async def give_up(self, batch: Batch, reason: str) -> LaunchStanding:
        """The channel could not be brought live in time."""
        return await self.write(
            batch.launch_id, lambda tx, now: fail_channel(tx, batch.launch_id, batch.connection_id, reason, now)
        )

    async def stop(self, launch: LaunchRef, reason: str) -> LaunchStanding:
        """The run failed or was canceled in the engine: take everything back that is not proven live as planned."""

        def change(tx: Connection, now: datetime) -> None:
            row = row_of(tx, launch.launch_id)
            if row.outcome is None and not row.restoring and standing(load(tx, launch.launch_id), now).stage != "over":
                tx.execute(update(LAUNCHES).where(LAUNCHES.c.id == launch.launch_id).values(restoring=reason))
                note(tx, launch.launch_id, "restoring", now, reason=reason)

        return await self.run_writes(launch, change)
