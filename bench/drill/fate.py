"""Kills processes of the stack, and measures how long it takes until orders go on."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic, time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench.drill.plan import LOSE_THE_ENGINE
from bench.stage import until
from db.inbox import INBOX
from db.order_reading import DECISIONS, EFFECTS
from runtime.embedded import temporal_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bench.drill.plan import Plan
    from bench.stage import Scene

PATIENCE_S = 60.0


class Fate:
    """SIGKILL only, and only to processes that the stack itself has started."""

    def __init__(self, here: Scene, plan: Plan, say: Callable[[str], None], what: str = "orders") -> None:
        self.kills: Counter[str] = Counter()
        self.recoveries_ms: list[float] = []
        self.downs: list[tuple[float, float]] = []
        """From when until when a part was not there, in seconds since the epoch."""
        self._here = here
        self._plan = plan
        self._say = say
        self._what = what

    async def strike(self) -> None:
        """All blows of the plan, evenly over the time in which orders come in."""
        started = monotonic()
        for number, blow in enumerate(self._plan.blows, start=1):
            at = started + self._plan.seconds * number / (len(self._plan.blows) + 1)
            await asyncio.sleep(max(0.0, at - monotonic()))
            await (self._lose_the_engine() if blow == LOSE_THE_ENGINE else self._kill(blow))

    async def _kill(self, part: str) -> None:
        killed, since = monotonic(), time()
        self._here.stack.kill(part)
        self.kills[part] += 1
        await self._here.stack.until_ready(part)
        self.downs.append((since, time()))
        await self._goes_on(part, killed)

    async def _lose_the_engine(self) -> None:
        """Everything that Temporal knew is gone: the database alone must be enough."""
        killed, since, file = monotonic(), time(), temporal_file(self._here.stack.settings)
        async with self._here.stack.without("temporal"):
            for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
                path.unlink(missing_ok=True)
        self.kills["temporal"] += 1
        self.downs.append((since, time()))
        self._say("temporal: its file was deleted, it starts with no memory")
        await self._goes_on("temporal", killed)

    async def _goes_on(self, part: str, killed: float) -> None:
        """Until the first thing happens that needs the killed part."""
        before = await self._mark(part)

        async def has_moved() -> bool:
            return await self._mark(part) > before

        await until(has_moved, PATIENCE_S, f"{self._what} go on after a kill of {part}")
        self.recoveries_ms.append(1000 * (monotonic() - killed))
        self._say(f"{part}: killed; {self._what} went on after {self.recoveries_ms[-1] / 1000:.1f} s")

    async def _mark(self, part: str) -> int:
        """The API takes deliveries; deciding and writing to platforms needs worker and Temporal."""

        def work(tx: Connection) -> int:
            if part == "api":
                return int(tx.execute(select(func.count()).select_from(INBOX)).scalar_one())
            decided = tx.execute(select(func.count()).select_from(DECISIONS)).scalar_one()
            settled = tx.execute(select(func.count()).where(EFFECTS.c.state == "confirmed")).scalar_one()
            return int(decided + settled)

        return await self._here.hub.database.read(work)
