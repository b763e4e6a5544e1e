"""How a process without a port says that it is alive: a file that it touches."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from runtime.settings import Settings

_EVERY_S = 2.0
_LATE_AFTER_S = 15.0


def heartbeat_file(settings: Settings, process: str) -> Path:
    return settings.run_folder / f"{process}.ready"


@asynccontextmanager
async def heartbeat(settings: Settings, process: str) -> AsyncIterator[None]:
    """Enter this when the process does its work; the beat comes from its event loop, so a blocked loop is seen."""
    path = heartbeat_file(settings, process)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(os.getpid()))
    task = asyncio.create_task(_touch_for_ever(path))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        path.unlink(missing_ok=True)


def beating_pid(settings: Settings, process: str) -> int | None:
    """The pid of the process whose heart beats, or None if it stopped or never started."""
    path = heartbeat_file(settings, process)
    try:
        fresh = time.time() - path.stat().st_mtime < _LATE_AFTER_S
        return int(path.read_text()) if fresh else None
    except (FileNotFoundError, ValueError):
        return None


async def _touch_for_ever(path: Path) -> None:
    while True:
        await asyncio.sleep(_EVERY_S)
        path.touch()  # noqa: ASYNC240 - microseconds, and a blocked disk should stop the heart
