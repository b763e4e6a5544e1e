"""The database as the verification of stock numbers sees it."""

from collections.abc import Sequence
from datetime import datetime

from connectors.contract import StockSetting
from db import publication, verification, verification_policy
from db.desks.base import Desk
from domain.drift import VerificationPolicy
from domain.refs import VerificationCursor

AT_ONCE = 50
"""Items that are read back at once: small, so that a pause comes often."""


class VerificationDesk(Desk):
    """One connection's numbers as they really are."""

    async def begin(self, connection_id: str) -> VerificationCursor | None:
        """A new round; None while the flow is off."""
        return await self.database.write(lambda tx: verification.begin(tx, connection_id, self.now()))

    async def policy(self, connection_id: str) -> VerificationPolicy:
        return await self.database.read(lambda tx: verification_policy.of(tx, connection_id))

    async def is_busy(self, connection_id: str) -> bool:
        """Numbers wait to be sent: they come first."""
        return await self.database.read(lambda tx: publication.has_due(tx, connection_id, self.now()))

    async def next_items(self, at: VerificationCursor) -> tuple[str, ...]:
        """The channel's ids of what is read next; empty: the round is over."""
        return await self.database.read(lambda tx: verification.next_items(tx, at, AT_ONCE))

    async def judge(
        self, at: VerificationCursor, items: Sequence[str], found: Sequence[StockSetting], asked_at: datetime
    ) -> VerificationCursor:
        """What the channel showed of them."""
        return await self.database.write(lambda tx: verification.judge(tx, at, items, found, asked_at, self.now()))

    async def end(self, at: VerificationCursor) -> None:
        """Every number was looked at."""
        await self.database.write(lambda tx: verification.end(tx, at, self.now()))
