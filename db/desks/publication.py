"""The database as the publication of stock sees it."""

from collections.abc import Sequence

from connectors.contract import RemoteStock, StockResult, StockSetting
from db import looks, publication, stock_listings
from db.desks.base import Desk
from db.effects import doubt, pause
from db.flows import Turn
from db.publication import Batch
from domain.refs import Published

SIZE = 100
"""Numbers in one batch: what platforms take in one call, so that what becomes urgent waits behind few others."""
FOUND_AT_ONCE = 250
"""Numbers of a channel that are taken in together."""
LOOKED_AT = 50
"""Items that are read back at once."""


class PublicationDesk(Desk):
    """One connection's numbers: what is next, and what became of what was sent."""

    async def begin(self, connection_id: str) -> Turn:
        """An attempt starts; earlier ones are fenced off."""
        return await self.database.write(lambda tx: publication.begin(tx, connection_id))

    async def found(self, connection_id: str, numbers: Sequence[RemoteStock]) -> None:
        """Everything that the channel shows."""
        for start in range(0, len(numbers), FOUND_AT_ONCE):
            part = numbers[start : start + FOUND_AT_ONCE]
            await self.database.write(lambda tx, part=part: stock_listings.take(tx, connection_id, part, self.now()))  # type: ignore[misc]
        await self.database.write(lambda tx: stock_listings.discovered(tx, connection_id, self.now()))

    async def claim(self, connection_id: str, epoch: int) -> Batch | None:
        """The next batch, its intent on record; None when nothing is due, or nothing may be sent."""
        if not await self.database.read(lambda tx: publication.has_due(tx, connection_id, self.now())):
            return None
        return await self.database.write(lambda tx: publication.claim(tx, connection_id, epoch, SIZE, self.now()))

    async def settle(self, connection_id: str, batch: Batch, results: Sequence[StockResult]) -> None:
        """What became of each number."""
        await self.database.write(lambda tx: publication.settle(tx, connection_id, batch, results, self.now()))

    async def not_sent(self, connection_id: str, batch: Batch, code: str) -> None:
        """The platform did nothing."""
        await self.database.write(lambda tx: publication.not_sent(tx, connection_id, batch, code, self.now()))

    async def doubt(self, batch: Batch) -> None:
        """Nobody knows whether the batch was applied."""
        await self.database.write(lambda tx: doubt(tx, batch.key, "outcome_unknown"))

    async def pause(self, connection_id: str, scope: str, reason: str) -> None:
        """Credentials were refused: for everything, or for stock only."""
        kind = publication.KIND if scope == "capability" else ""
        await self.database.write(lambda tx: pause(tx, connection_id, kind, reason, self.now()))

    async def in_doubt(self, connection_id: str) -> tuple[str, ...]:
        """Items to be read back before anything else is sent."""
        return await self.database.read(lambda tx: looks.in_doubt(tx, connection_id, LOOKED_AT))

    async def to_look_at(self, connection_id: str) -> tuple[str, ...]:
        """Items whose numbers need a second look."""
        return await self.database.read(lambda tx: looks.to_look_at(tx, connection_id, LOOKED_AT, self.now()))

    async def read_back(self, connection_id: str, items: Sequence[str], shown: Sequence[StockSetting]) -> int:
        """What the channel shows of them; returns how many numbers others had changed."""
        return await self.database.write(lambda tx: looks.read_back(tx, connection_id, items, shown, self.now()))

    async def rest(self, connection_id: str, epoch: int) -> Published | None:
        """Go idle; None when there is more to do at once."""
        is_idle, due_at = await self.database.write(lambda tx: publication.rest(tx, connection_id, epoch, self.now()))
        return Published(connection_id=connection_id, due_at=due_at) if is_idle else None

    async def troubled(self, connection_id: str) -> None:
        """The platform takes no numbers."""
        await self.database.write(lambda tx: publication.troubled(tx, connection_id, self.now()))
