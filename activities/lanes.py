"""Several sendings under way at once: as many as there are lanes, and each comes to its own end."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class Lanes:
    """After a failure nothing begins; it is raised when everything that is under way has ended.

    Not a TaskGroup: that cuts the others off, and then nobody knows what became of them.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._under_way: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, asyncio.CancelledError):
            for task in self._under_way:
                task.cancel()
        ends = await asyncio.gather(*self._under_way, return_exceptions=True)
        failure = next((end for end in ends if end is not None), None)
        if error is None and failure is not None:
            raise failure

    @property
    def are_empty(self) -> bool:
        return all(task.done() for task in self._under_way)

    async def room(self) -> None:
        """Wait until one more may begin; raises what has failed meanwhile."""
        while True:
            for task in [task for task in self._under_way if task.done()]:
                await task
                self._under_way.discard(task)
            if len(self._under_way) < self._count:
                return
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it go on by itself."""
        self._under_way.add(asyncio.create_task(work))
