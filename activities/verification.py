"""Verification of stock numbers: only reads at the channel."""

from typing import TYPE_CHECKING, cast

from temporalio import activity

from activities.mapped import mapped
from activities.rounds import go_on
from connectors.contract import TakesStockLevels
from domain.refs import VerificationCursor

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.verification import VerificationDesk


class VerificationActivities:
    """Only reads at the channel; what must be written there is written by publication."""

    def __init__(self, desk: "VerificationDesk", connections: "Connections") -> None:
        self._desk = desk
        self._connections = connections

    @activity.defn
    @mapped
    async def begin_verification(self, at: VerificationCursor) -> VerificationCursor:
        """A new round, over at once where there is nothing to verify."""
        over = at.model_copy(update={"is_over": True})
        if not isinstance(await self._connections.connector(at.connection_id), TakesStockLevels):
            return over
        return await self._desk.begin(at.connection_id) or over

    @activity.defn
    @mapped
    async def verify_numbers(self, at: VerificationCursor) -> VerificationCursor:
        """Look at the next numbers, for as long as a turn lasts."""
        channel = cast("TakesStockLevels", await self._connections.connector(at.connection_id))
        return await go_on(self._desk, at, channel.read_stock)
