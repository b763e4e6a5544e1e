"""Undo steps of one run: what is done before the pivot is undone when the process fails, last step first."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.errors import DomainError

Undo = Callable[[], Awaitable[None]]


class Compensations:
    """Collects undo steps, and runs them when the block ends by a Temporal failure, a cancel or a DomainError.

    Put the undo on the line above its do: the do may work and not answer.
    Any other exception is a bug: it passes untouched and undoes nothing, so that mending the code lets the run go on.
    Undo steps must be repeatable; undoing what never happened is success.
    `join` waits for everything that is still under way, so that nothing is done while it is undone.
    An undo that fails is told to `failed`, and the others still run.
    """

    def __init__(self, *, join: Undo, failed: Callable[[str, BaseException], None]) -> None:
        self._steps: dict[str, Undo] = {}
        self._join = join
        self._failed = failed

    def add(self, name: str, undo: Undo) -> None:
        """Remember how to undo a step; the same name again replaces it and moves it to the end."""
        self._steps.pop(name, None)
        self._steps[name] = undo

    def pass_pivot(self, *, keep: str) -> None:
        """From here on failures recover forward: nothing is undone any more but the step to keep."""
        self._steps = {name: undo for name, undo in self._steps.items() if name == keep}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or not self._steps or not _is_undoable(error):
            return
        await _uninterrupted(self._undo_all())

    async def _undo_all(self) -> None:
        await self._join()
        for name, undo in reversed(list(self._steps.items())):
            try:
                await undo()
            except FailureError as error:
                self._failed(name, error)


def _is_undoable(error: BaseException) -> bool:
    return isinstance(error, (FailureError, DomainError)) or is_cancelled_exception(error)


async def _uninterrupted(work: Awaitable[None]) -> None:
    """Wait for the work through any cancel that arrives meanwhile; the cancel is already on its way out."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise
