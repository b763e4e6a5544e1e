"""Performs one effect: intent, call, read-back; an unknown outcome is looked up, never repeated blindly."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from connectors.errors import NotAuthorizedError, OutcomeUnknownError, TryAgainError

if TYPE_CHECKING:
    from connectors.contract import Effect, EffectLedger

Shown = TypeVar("Shown")

SETTLES_WITHIN = timedelta(seconds=12)
"""How long after a call's start "not found" proves nothing: the call's deadline and the platform's indexing lag."""


class HeldBackError(Exception):
    """Nothing was called: writes are paused, or another attempt has settled the effect."""


class Effects:
    """The way out: everything that changes something at a platform goes through `perform`."""

    def __init__(self, ledger: "EffectLedger") -> None:
        self._ledger = ledger

    async def perform(
        self,
        effect: "Effect",
        call: Callable[[], Awaitable[object]],
        find: Callable[[], Awaitable[Shown | None]],
        settles_within: timedelta = SETTLES_WITHIN,
    ) -> Shown:
        """What the platform shows after the write; the caller settles the effect with the fact that this is.

        Raises HeldBackError, or the connector's error: RejectedError is final, the others are for the engine to repeat.
        """
        begun = await self._ledger.begin(effect)
        if begun.state in {"done", "held"}:
            raise HeldBackError(begun.state)
        if begun.state == "look_first":
            shown = await self._look(effect, find, begun.called_at, settles_within)
            if shown is not None:
                return shown
        await self._call(effect, call)
        shown = await self._read(effect, find)
        if shown is None:
            await self._ledger.doubt(effect.key, "not_shown")
            raise OutcomeUnknownError("the platform does not show what it was asked for yet", effect.kind)
        return shown

    async def _look(
        self,
        effect: "Effect",
        find: Callable[[], Awaitable[Shown | None]],
        called_at: datetime | None,
        settles_within: timedelta,
    ) -> Shown | None:
        shown = await self._read(effect, find)
        if shown is not None:
            return shown
        early = (called_at or datetime.now(UTC)) + settles_within - datetime.now(UTC)
        if early > timedelta(0):
            raise TryAgainError("an earlier call may still arrive", effect.kind, after=early)
        await self._ledger.called_again(effect.key)
        return None

    async def _call(self, effect: "Effect", call: Callable[[], Awaitable[object]]) -> None:
        try:
            await call()
        except TryAgainError:
            await self._ledger.not_done(effect.key, "try_again")
            raise
        except OutcomeUnknownError:
            await self._ledger.doubt(effect.key, "outcome_unknown")
            raise
        except NotAuthorizedError as error:
            await self._ledger.not_done(effect.key, "not_authorized")
            await self._stop(effect, error)
            raise HeldBackError("not authorized") from error

    async def _read(self, effect: "Effect", find: Callable[[], Awaitable[Shown | None]]) -> Shown | None:
        try:
            return await find()
        except NotAuthorizedError as error:
            await self._stop(effect, error)
            raise HeldBackError("not authorized") from error

    async def _stop(self, effect: "Effect", error: NotAuthorizedError) -> None:
        kind = effect.kind if error.scope == "capability" else ""
        await self._ledger.pause(effect.connection_id, kind, error.merchant)
