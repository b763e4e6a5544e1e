"""A launch's own steps: where it stands, approvals, the barrier. All of it in our own database."""

from typing import TYPE_CHECKING

from temporalio import activity

from activities.mapped import mapped
from domain.launch.approval import Approval
from domain.launch.standing import Batch, LaunchRef, LaunchStanding

if TYPE_CHECKING:
    from db.desks.launch import LaunchDesk


class LaunchActivities:
    """Local activities: they may run twice and find their own answer."""

    def __init__(self, desk: "LaunchDesk") -> None:
        self._desk = desk

    @activity.defn
    @mapped
    async def look_at_launch(self, launch: LaunchRef) -> LaunchStanding:
        """Carry out what facts and clock demand; where the launch stands."""
        return await self._desk.standing(launch)

    @activity.defn
    @mapped
    async def approve_launch(self, launch: LaunchRef, approval: Approval) -> LaunchStanding:
        """Record one person's yes."""
        return await self._desk.approve(launch, approval)

    @activity.defn
    @mapped
    async def pass_barrier(self, launch: LaunchRef) -> LaunchStanding:
        """Fix the plan, if everything is ready and the moment has come."""
        return await self._desk.pass_barrier(launch)

    @activity.defn
    @mapped
    async def give_up_channel(self, batch: Batch, reason: str) -> LaunchStanding:
        """A channel that could not be brought live; the policy decides about the others."""
        return await self._desk.give_up(batch, reason)

    @activity.defn
    @mapped
    async def stop_launch(self, launch: LaunchRef) -> LaunchStanding:
        """The run ends before the launch does: whatever is not over is taken back."""
        return await self._desk.stop(launch, "its run was stopped")
