"""The database as the content of a connection's listings sees it."""

from collections.abc import Sequence

from connectors.contract import ListingRef, ListingResult
from db import content, content_computing, content_discovery
from db.content import Batch, Shown
from db.desks.base import Desk
from db.effects import doubt, pause
from db.flows import Turn
from domain.refs import Published

SIZE = 100
"""Listings in one batch; a connector makes as many calls of it as its platform needs."""


class ContentDesk(Desk):
    """One connection's listings: what is next, and what became of what was told."""

    async def begin(self, connection_id: str) -> Turn:
        """An attempt starts; earlier ones are fenced off."""
        return await self.database.write(lambda tx: content.begin(tx, connection_id, self.now()))

    async def not_offered(self, connection_id: str, after: str) -> tuple[ListingRef, ...]:
        """The next products that the channel may show without our knowing; empty: there are no more."""
        return await self.database.read(lambda tx: content_discovery.next_refs(tx, connection_id, after, SIZE))

    async def found(self, connection_id: str, shown: Shown) -> int:
        """What is on sale there is ours to keep in step; returns how many there were."""
        return await self.database.write(lambda tx: content_discovery.found(tx, connection_id, shown, self.now()))

    async def discovered(self, connection_id: str) -> None:
        """Every product was looked for."""
        await self.database.write(lambda tx: content_discovery.discovered(tx, connection_id, self.now()))

    async def unread(self, connection_id: str) -> list[str]:
        """Marked products with pictures that nobody has read."""
        return await self.database.read(lambda tx: content_computing.unread(tx, connection_id))

    async def compute(self, connection_id: str) -> int:
        """Bring marked listings up to the master; returns how many."""
        if not await self.database.read(lambda tx: content_computing.has_marked(tx, connection_id)):
            return 0
        return await self.database.write(lambda tx: content_computing.compute(tx, connection_id, self.now()))

    async def next_refs(self, connection_id: str) -> tuple[ListingRef, ...]:
        """What is to be told now; it is looked at first."""
        return await self.database.read(lambda tx: content.next_refs(tx, connection_id, SIZE, self.now()))

    async def claim(self, connection_id: str, epoch: int, shown: Shown) -> Batch | None:
        """The differences, their intent on record; None when there are none, or nothing may be written."""
        return await self.database.write(lambda tx: content.claim(tx, connection_id, epoch, shown, self.now()))

    async def settle(self, connection_id: str, batch: Batch, results: Sequence[ListingResult]) -> None:
        """What the platform answered for each listing."""
        await self.database.write(lambda tx: content.settle(tx, connection_id, batch, results, self.now()))

    async def not_sent(self, connection_id: str, batch: Batch, code: str) -> None:
        """The platform did nothing."""
        await self.database.write(lambda tx: content.not_sent(tx, connection_id, batch, code, self.now()))

    async def doubt(self, batch: Batch) -> None:
        """Nobody knows whether the batch was applied."""
        await self.database.write(lambda tx: doubt(tx, batch.key, "outcome_unknown"))

    async def pause(self, connection_id: str, scope: str, reason: str) -> None:
        """Credentials were refused: for everything, or for content only."""
        kind = content.KIND if scope == "capability" else ""
        await self.database.write(lambda tx: pause(tx, connection_id, kind, reason, self.now()))

    async def to_look_at(self, connection_id: str) -> tuple[ListingRef, ...]:
        """What was told and has not been seen yet, and what somebody is said to have changed."""
        return await self.database.read(lambda tx: content.to_look_at(tx, connection_id, SIZE, self.now()))

    async def looked(self, connection_id: str, shown: Shown) -> int:
        """What the channel shows of them; returns how many fields others had changed."""
        return await self.database.write(lambda tx: content.looked(tx, connection_id, shown, self.now()))

    async def rest(self, connection_id: str, epoch: int) -> Published | None:
        """Go idle; None when there is more to do at once."""
        is_idle, due_at = await self.database.write(lambda tx: content.rest(tx, connection_id, epoch, self.now()))
        return Published(connection_id=connection_id, due_at=due_at) if is_idle else None

    async def troubled(self, connection_id: str) -> None:
        """The platform takes no changes."""
        await self.database.write(lambda tx: content.troubled(tx, connection_id, self.now()))
