"""The effect ledger as activities see it."""

from connectors.contract import Begun, Effect
from db import effects
from db.desks.base import Desk


class EffectDesk(Desk):
    """Implements connectors.contract.EffectLedger."""

    async def begin(self, effect: Effect) -> Begun:
        return await self.database.write(lambda tx: effects.begin(tx, effect, self.now()))

    async def called_again(self, key: str) -> None:
        await self.database.write(lambda tx: effects.called_again(tx, key, self.now()))

    async def not_done(self, key: str, code: str) -> None:
        await self.database.write(lambda tx: effects.not_done(tx, key, code))

    async def doubt(self, key: str, code: str) -> None:
        await self.database.write(lambda tx: effects.doubt(tx, key, code))

    async def pause(self, connection_id: str, kind: str, reason: str) -> None:
        await self.database.write(lambda tx: effects.pause(tx, connection_id, kind, reason, self.now()))
