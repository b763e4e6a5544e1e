"""The effect ledger, as activities see it."""

from datetime import datetime
from typing import Literal, Protocol

from domain.base import Frozen


class Effect(Frozen):
    """One write to the outside; `key` names the intended state and its version (stock 5, 7, 5 is three effects)."""

    key: str
    kind: str
    connection_id: str
    order_id: str | None = None
    return_id: str | None = None


class Begun(Frozen):
    """What an attempt may do: call, look first whether an earlier call landed, nothing (done), or wait (held)."""

    state: Literal["call", "look_first", "done", "held"]
    called_at: datetime | None = None


class EffectLedger(Protocol):
    """Where effects are kept; settling one is the business of whoever records the fact that it makes true."""

    async def begin(self, effect: Effect) -> Begun:
        """Commit the intent."""

    async def called_again(self, key: str) -> None:
        """The first call has provably not landed."""

    async def not_done(self, key: str, code: str) -> None:
        """The platform said that it did nothing."""

    async def doubt(self, key: str, code: str) -> None:
        """Nobody knows yet."""

    async def pause(self, connection_id: str, kind: str, reason: str) -> None:
        """Credentials were refused: stop writing to the connection (kind empty), or this kind of write."""
