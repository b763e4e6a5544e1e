"""A part of a page that follows the hub while somebody looks at it."""

from __future__ import annotations

import asyncio
import json
from time import monotonic
from typing import TYPE_CHECKING, Any

from nicegui import context, ui

from console.api import UNATTENDED
from console.parts.error import show_problem
from console.problems import HubError, RefusedError, SignedOutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nicegui.element import Element

    from console.here import Here

    Show = Callable[[Any], Awaitable[None] | None]

REST = 10
"""So many times as long as its last answer took a poll rests at least: a busy hub is asked less often."""
_FEEDS: dict[str, Feed] = {}


async def live(
    here: Here, path: str, show: Show, *, every: float = 5.0, personal: bool = False, **parameters: Any
) -> None:
    """Call `show(answer)` now, and again each time that the hub's answer to `GET path` differs.

    All pages with the same address and the same role share one poll; `personal` answers are those of one person, such
    as what they may do. A hidden tab is not served: it catches up when
    it is looked at again, and with no tab left nothing runs.
    """
    try:
        answer = await here.api.get(path, **parameters)
    except RefusedError as problem:  # of this part alone: the rest of the page stays
        show_problem(problem)
        return
    await _shown(show, answer)
    key = json.dumps(
        [here.person.id if personal else here.person.role, path, parameters, every], sort_keys=True, default=str
    )
    client = context.client
    watcher = Watcher(here, show, answer, ui.element("span").classes("hidden"))

    def watch() -> None:
        if not watcher.gone:
            _FEEDS.setdefault(key, Feed(key, path, parameters, every)).add(watcher)

    def look_away() -> None:
        if feed := _FEEDS.get(key):
            feed.remove(watcher)

    ui.on("tutti_looks", lambda event: watch() if event.args else look_away())
    client.on_disconnect(look_away)
    client.on_connect(watch)
    if client.has_socket_connection:
        watch()


class Watcher:
    """One open page's interest in an answer."""

    def __init__(self, here: Here, show: Show, answer: Any, eye: Element) -> None:
        self.here = here
        self._show = show
        self._answer = answer
        self._eye = eye

    @property
    def gone(self) -> bool:
        """Whether its part of the page is no more."""
        return self._eye.is_deleted or self._eye.client.is_deleted

    async def tell(self, answer: Any) -> None:
        """Show it, if it is another one."""
        if answer == self._answer or self.gone:
            return
        self._answer = answer
        assert self._eye.parent_slot
        with self._eye.parent_slot:
            await _shown(self._show, answer)


class Feed:
    """One poll for all who watch the same."""

    def __init__(self, key: str, path: str, parameters: dict[str, Any], every: float) -> None:
        self._key, self._path, self._parameters, self._every = key, path, parameters, every
        self._watchers: list[Watcher] = []
        self._poll: asyncio.Task[None] | None = None

    def add(self, watcher: Watcher) -> None:
        if watcher not in self._watchers:
            self._watchers.append(watcher)
        if self._poll is None:
            self._poll = asyncio.create_task(self._run())

    def remove(self, watcher: Watcher) -> None:
        if watcher in self._watchers:
            self._watchers.remove(watcher)
        if not self._watchers and self._poll:
            self._poll.cancel()
            self._poll = None
            _FEEDS.pop(self._key, None)

    async def _run(self) -> None:
        UNATTENDED.set(True)  # of this task alone
        took = 0.0
        while True:
            await asyncio.sleep(max(self._every, REST * took))
            for watcher in [each for each in self._watchers if each.gone]:
                self.remove(watcher)
            if not self._watchers:
                return
            asked = monotonic()
            try:
                answer = await self._watchers[0].here.api.get(self._path, **self._parameters)
            except SignedOutError:
                self._watchers.append(self._watchers.pop(0))  # another person's session may still be good
                continue
            except HubError:
                continue  # the banner says so already, and the next turn tries again
            finally:
                took = monotonic() - asked
            for watcher in list(self._watchers):
                await watcher.tell(answer)


async def _shown(show: Show, answer: Any) -> None:
    result = show(answer)
    if result is not None:
        await result
