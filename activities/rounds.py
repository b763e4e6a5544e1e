"""Looking at everything that a connection shows, at a pace that leaves the connection to those who write."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import Protocol, TypeVar

from domain.refs import VerificationCursor

Found_contra = TypeVar("Found_contra", contravariant=True)
Asked = TypeVar("Asked")

TURN_S = 120.0
"""How long one activity goes on; what it has looked at stays so when it is repeated."""
GIVE_WAY_S = 10.0
"""So long it waits, before each call, for what is to be written; then it goes on: a busy channel drifts too."""


class Share(Protocol):
    """A policy that says how much of the connection's time the looking may take."""

    @property
    def share_percent(self) -> int: ...


class Rounds(Protocol[Asked, Found_contra]):
    """What a round needs of the database."""

    def now(self) -> datetime: ...

    async def policy(self, connection_id: str) -> Share: ...

    async def is_busy(self, connection_id: str) -> bool: ...

    async def next_items(self, at: VerificationCursor) -> tuple[Asked, ...]: ...

    async def judge(
        self, at: VerificationCursor, items: Sequence[Asked], found: Sequence[Found_contra], asked_at: datetime
    ) -> VerificationCursor: ...

    async def end(self, at: VerificationCursor) -> None: ...


async def go_on(
    desk: Rounds[Asked, Found_contra],
    at: VerificationCursor,
    read: Callable[[tuple[Asked, ...]], Awaitable[Sequence[Found_contra]]],
) -> VerificationCursor:
    """Look at what comes next, for as long as a turn lasts."""
    share = (await desk.policy(at.connection_id)).share_percent / 100
    until = monotonic() + TURN_S
    while monotonic() < until and not at.is_over:
        await _give_way(desk, at.connection_id)
        if not (items := await desk.next_items(at)):
            await desk.end(at)
            return at.model_copy(update={"is_over": True})
        asked_at, began = desk.now(), monotonic()
        found = await read(items)
        took = monotonic() - began
        at = await desk.judge(at, items, found, asked_at)
        await asyncio.sleep(took / share - took)
    return at


async def _give_way(desk: Rounds[Asked, Found_contra], connection_id: str) -> None:
    until = monotonic() + GIVE_WAY_S
    while monotonic() < until and await desk.is_busy(connection_id):  # noqa: ASYNC110 the truth is a table
        await asyncio.sleep(0.5)
