"""Reading back what a channel shows, at a pace that leaves the connection to those who write."""

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, cast

from temporalio import activity

from activities.mapped import mapped
from connectors.contract import TakesStockLevels
from domain.refs import VerificationCursor

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.verification import VerificationDesk

TURN_S = 120.0
"""How long one activity goes on; what it has looked at stays so when it is repeated."""
GIVE_WAY_S = 10.0
"""So long it waits, before each call, for numbers that are to be sent; then it goes on: a busy channel drifts too."""


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
        share = (await self._desk.policy(at.connection_id)).share_percent / 100
        until = monotonic() + TURN_S
        while monotonic() < until and not at.is_over:
            await self._give_way(at.connection_id)
            if not (items := await self._desk.next_items(at)):
                await self._desk.end(at)
                return at.model_copy(update={"is_over": True})
            asked_at, began = self._desk.now(), monotonic()
            found = await channel.read_stock(items)
            took = monotonic() - began
            at = await self._desk.judge(at, items, found, asked_at)
            await asyncio.sleep(took / share - took)
        return at

    async def _give_way(self, connection_id: str) -> None:
        until = monotonic() + GIVE_WAY_S
        while monotonic() < until and await self._desk.is_busy(connection_id):  # noqa: ASYNC110 the truth is a table
            await asyncio.sleep(0.5)
