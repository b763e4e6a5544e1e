"""One supervised process: started, watched, started again when it dies, held down for a drill, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from runtime import process
from runtime.errors import OperatorError
from runtime.parts import PROJECT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from runtime.parts import Part
    from runtime.settings import Settings

    Report = Callable[[str, str], None]
    """Told the part and what happened to it."""

_READY_WITHIN_S = 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 10.0
_LIVED_WELL_S = 30.0  # a part that ran this long before it died is not in a loop of crashes
_LOG_TAIL_BYTES = 2_000


class StartError(OperatorError):
    """A part ended, or did not answer, at its first start."""


class Supervised:
    def __init__(self, part: Part, settings: Settings, environ: Mapping[str, str], report: Report) -> None:
        self.restarts = 0
        self._part = part
        self._environ = {**os.environ, **settings.environ(), **environ}
        self._report = report
        self._pid_file = settings.run_folder / f"{part.name}.pid"
        self._log_file = settings.log_folder / f"{part.name}.log"
        self._ready = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError(f"{self._part.name} was not started")
        return self._process

    async def start(self) -> None:
        """Return when the part is ready; raise StartError when it does not become so."""
        await self._spawn()
        if not await self._becomes_ready():
            code = self.process.returncode
            ended = "does not answer" if code is None else f"ended ({_how(code)})"
            tail = self._log_file.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
            raise StartError(f"{self._part.name} {ended}; the end of {self._log_file}:\n{tail}")
        self._watch()

    async def stop(self) -> None:
        await self._unwatch()
        if self._process:
            await process.stop(self._process, self._part.grace)
            self._process = None
            self._pid_file.unlink(missing_ok=True)
            self._report(self._part.name, "stopped")

    async def until_ready(self) -> None:
        await self._ready.wait()

    def kill(self, with_signal: signal.Signals) -> None:
        self._ready.clear()
        os.kill(self.process.pid, with_signal)

    @asynccontextmanager
    async def held_down(self) -> AsyncIterator[None]:
        await self._unwatch()
        self.kill(signal.SIGKILL)
        await self.process.wait()
        try:
            yield
        finally:
            self._watch()
            await self.until_ready()

    def _watch(self) -> None:
        self._watcher = asyncio.create_task(self._keep_alive())

    async def _unwatch(self) -> None:
        if self._watcher:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None

    async def _keep_alive(self) -> None:
        pause, started_at = _FIRST_PAUSE_S, time.monotonic()
        while True:
            code = await self.process.wait()
            self._ready.clear()
            pause = _FIRST_PAUSE_S if time.monotonic() - started_at > _LIVED_WELL_S else pause
            self._report(self._part.name, f"died ({_how(code)}), starting it again; see {self._log_file}")
            await asyncio.sleep(pause)
            pause, started_at = min(pause * 2, _LONGEST_PAUSE_S), time.monotonic()
            self.restarts += 1
            await self._spawn()
            while not await self._becomes_ready() and self.process.returncode is None:
                self._report(self._part.name, f"does not answer yet; see {self._log_file}")

    async def _spawn(self) -> None:
        self._process = await process.start(
            self._part.command,
            self._environ,
            self._log_file,
            self._pid_file,
            folder=PROJECT,
            niceness=self._part.niceness,
        )

    async def _becomes_ready(self) -> bool:
        deadline = time.monotonic() + _READY_WITHIN_S
        while self.process.returncode is None and time.monotonic() < deadline:
            if await self._part.is_ready(self.process.pid):
                self._ready.set()
                self._report(self._part.name, f"ready (pid {self.process.pid})")
                return True
            await asyncio.sleep(0.1)
        return False


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
