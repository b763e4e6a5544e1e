"""The database as the verification of content sees it."""

from collections.abc import Sequence
from datetime import datetime

from connectors.contract import ListingRef, ShownListing
from db import content, content_policy, content_verification
from db.desks.base import Desk
from domain.content.policy import ContentPolicy
from domain.refs import VerificationCursor

AT_ONCE = 50
"""Listings that are read back at once: few, so that a pause comes often."""


class ContentVerificationDesk(Desk):
    """One connection's listings as they really are."""

    async def begin(self, connection_id: str) -> VerificationCursor | None:
        """A new round; None while the flow is off."""
        return await self.database.write(lambda tx: content_verification.begin(tx, connection_id, self.now()))

    async def policy(self, connection_id: str) -> ContentPolicy:
        return await self.database.read(lambda tx: content_policy.of(tx, connection_id))

    async def is_busy(self, connection_id: str) -> bool:
        """Changes wait to be told: they come first."""
        return await self.database.read(lambda tx: content.has_due(tx, connection_id, self.now()))

    async def next_items(self, at: VerificationCursor) -> tuple[ListingRef, ...]:
        """What is read next; empty: the round is over."""
        return await self.database.read(lambda tx: content_verification.next_refs(tx, at, AT_ONCE))

    async def judge(
        self,
        at: VerificationCursor,
        items: Sequence[ListingRef],
        found: Sequence[ShownListing | None],
        asked_at: datetime,
    ) -> VerificationCursor:
        """What the channel showed of them."""
        shown = {ref.reference: one for ref, one in zip(items, found, strict=True)}
        return await self.database.write(lambda tx: content_verification.judge(tx, at, shown, asked_at, self.now()))

    async def end(self, at: VerificationCursor) -> None:
        """Every listing was looked at."""
        await self.database.write(lambda tx: content_verification.end(tx, at, self.now()))
