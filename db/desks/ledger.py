"""The effect ledger as activities see it."""

from sqlalchemy import Connection

from connectors.contract import Begun, Effect
from db import effects
from db.desks.base import Desk
from db.exceptions import sync
from db.order_reading import TROUBLE_AFTER, load
from db.returns import reading as returns
from domain.causes import causes_of
from domain.returns.causes import causes_of as causes_of_return


class EffectDesk(Desk):
    """Implements connectors.contract.EffectLedger."""

    async def begin(self, effect: Effect) -> Begun:
        return await self.database.write(lambda tx: self._begin(tx, effect))

    def _begin(self, tx: Connection, effect: Effect) -> Begun:
        """A write that does not come through is shown while it is still being tried."""
        begun = effects.begin(tx, effect, self.now())
        if effect.order_id is not None and effects.attempts(tx, effect.key) >= TROUBLE_AFTER:
            sync(tx, effect.order_id, causes_of(load(tx, effect.order_id), self.now()), self.now())
        if effect.return_id is not None and effects.attempts(tx, effect.key) >= TROUBLE_AFTER:
            state = returns.load(tx, effect.return_id)
            sync(tx, state.order_id, causes_of_return(state), self.now(), return_id=state.id)
        return begun

    async def called_again(self, key: str) -> None:
        await self.database.write(lambda tx: effects.called_again(tx, key, self.now()))

    async def not_done(self, key: str, code: str) -> None:
        await self.database.write(lambda tx: effects.not_done(tx, key, code))

    async def doubt(self, key: str, code: str) -> None:
        await self.database.write(lambda tx: effects.doubt(tx, key, code))

    async def pause(self, connection_id: str, kind: str, reason: str) -> None:
        await self.database.write(lambda tx: effects.pause(tx, connection_id, kind, reason, self.now()))
