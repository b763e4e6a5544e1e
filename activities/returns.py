"""Handling a return in our own database: look at its facts, undo, hand over."""

from typing import TYPE_CHECKING

from temporalio import activity

from activities.mapped import mapped
from domain.refs import ReturnRef
from domain.returns.progress import Progress

if TYPE_CHECKING:
    from db.desks.returns import ReturnDesk


class ReturnActivities:
    """Local activities: they may run twice and find their own answer."""

    def __init__(self, desk: "ReturnDesk") -> None:
        self._desk = desk

    @activity.defn
    @mapped
    async def look_at_return(self, given: ReturnRef) -> Progress:
        """Carry out what facts and clock demand; where the return stands."""
        return await self._desk.standing(given)

    @activity.defn
    @mapped
    async def withdraw_return(self, given: ReturnRef) -> Progress:
        """First half of the undo: nothing is expected any more; what must be told or given back for it."""
        return await self._desk.withdraw(given)

    @activity.defn
    @mapped
    async def stop_return(self, given: ReturnRef) -> Progress:
        """The run ends without an outcome: a person decides how the return goes on."""
        return await self._desk.stop(given)
