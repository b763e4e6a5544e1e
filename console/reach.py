"""Whether the hub answers: one state for all open pages, and one probe while it does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    State = Literal["up", "slow", "down"]

PROBE_EVERY_S = 2.0
SLOW_AFTER_S = 3.0


class Reach:
    """Told by every call how it went; tells the open pages when that changes."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.state: State = "up"
        self._http = http
        self._watchers: list[Callable[[State], None]] = []
        self._probe: asyncio.Task[None] | None = None

    def watch(self, told: Callable[[State], None]) -> Callable[[], None]:
        """Be told of every change; call what is returned to be told no more."""
        self._watchers.append(told)
        return lambda: self._watchers.remove(told) if told in self._watchers else None

    def tell(self, state: State) -> None:
        """How a call went."""
        if state == "down" and self._probe is None:
            self._probe = asyncio.create_task(self._until_it_answers())
        if state == self.state or (self._probe and state != "down"):
            return  # while it is down only the probe says when it is back: every page learns it at once
        self._set(state)

    async def close(self) -> None:
        """Probe no more."""
        if self._probe:
            self._probe.cancel()

    def _set(self, state: State) -> None:
        self.state = state
        for told in list(self._watchers):
            told(state)

    async def _until_it_answers(self) -> None:
        while True:
            await asyncio.sleep(PROBE_EVERY_S)
            try:
                answer = await self._http.get("/healthz", timeout=PROBE_EVERY_S)
            except httpx.TransportError:
                continue
            if answer.is_success:
                break
        self._probe = None
        self._set("up")
