"""The embedded stack: starts its processes, starts again what dies, stops all in reverse order."""

from __future__ import annotations

import asyncio
import fcntl
import json
import signal
from typing import TYPE_CHECKING, Self

from runtime import process
from runtime.errors import OperatorError
from runtime.keys import load_keys
from runtime.parts import PARTS, PORTS_OF, default_parts, make_part
from runtime.ports import SETTING_OF, with_real_ports
from runtime.supervised import Supervised

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from contextlib import AbstractAsyncContextManager
    from io import TextIOWrapper

    from runtime.settings import Settings
    from runtime.supervised import Report


class AlreadyRunningError(OperatorError):
    """Another supervisor holds this `var` folder."""


class Stack:
    """`async with Stack(settings) as stack:` is a running hub; leaving it stops everything.

    `parts` is a choice of `runtime.parts.PARTS`; `any_free_port` takes free ports whatever the settings say;
    `environ` is added to the environment of every process; `stack.settings` are those with the real ports.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        parts: Collection[str] | None = None,
        any_free_port: bool = False,
        environ: Mapping[str, str] | None = None,
        report: Report = lambda _part, _event: None,
    ) -> None:
        chosen = default_parts() if parts is None else parts
        self.parts = tuple(name for name in PARTS if name in chosen)
        self.settings = settings
        self._any_free_port = any_free_port
        self._environ = environ or {}
        self._report = report
        self._supervised: dict[str, Supervised] = {}
        self._lock: TextIOWrapper | None = None

    @property
    def ports(self) -> dict[str, int]:
        names = [port for part in self.parts for port in PORTS_OF[part]]
        return {name: getattr(self.settings, SETTING_OF[name]) for name in names}

    def pid(self, part: str) -> int:
        return self._supervised[part].process.pid

    def restarts(self, part: str) -> int:
        return self._supervised[part].restarts

    def kill(self, part: str, with_signal: signal.Signals = signal.SIGKILL) -> None:
        """As fate would; the part is started again by itself (await `until_ready`)."""
        self._supervised[part].kill(with_signal)

    async def until_ready(self, part: str) -> None:
        await self._supervised[part].until_ready()

    def without(self, part: str) -> AbstractAsyncContextManager[None]:
        """Kill the part and keep it down inside the block; after it, the part is ready again."""
        return self._supervised[part].held_down()

    async def __aenter__(self) -> Self:
        try:
            self._prepare()
            await self._start([part for part in self.parts if part == "temporal"])
            if {"api", "worker"} & set(self.parts):
                await self._migrate()
            await self._start([part for part in self.parts if part != "temporal"])
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """May be repeated."""
        for supervised in reversed(self._supervised.values()):
            await supervised.stop()
        if self._lock:
            (self.settings.run_folder / "ports.json").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def _prepare(self) -> None:
        for folder in (self.settings.run_folder, self.settings.log_folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = _take_lock(self.settings)
        for part in PARTS:
            if pid := process.kill_recorded(self.settings.run_folder / f"{part}.pid"):
                self._report(part, f"ended pid {pid}, left behind by a supervisor that was killed")
        self.settings = with_real_ports(self.settings, tuple(self.ports), any_free=self._any_free_port)
        load_keys(self.settings)  # made here in development, missed here in production: not later by a part
        (self.settings.run_folder / "ports.json").write_text(json.dumps(self.ports))

    async def _start(self, names: Collection[str]) -> None:
        """Together: each of them spends its first seconds importing."""
        for name in names:
            part = make_part(name, self.settings)
            self._supervised[name] = Supervised(part, self.settings, self._environ, self._report)
        starts = [asyncio.create_task(self._supervised[name].start()) for name in names]
        try:
            await asyncio.gather(*starts)
        except BaseException:
            for start in starts:
                start.cancel()
            await asyncio.gather(*starts, return_exceptions=True)
            raise

    async def _migrate(self) -> None:
        # alembic is slow to import, and only a stack with a database needs it
        from db.migrate import upgrade
        from runtime.access import make_operator_token

        await asyncio.to_thread(upgrade, self.settings.database_url)
        await asyncio.to_thread(make_operator_token, self.settings)


def is_running(settings: Settings) -> bool:
    """Whether a supervisor holds this `var` folder now."""
    try:
        _take_lock(settings).close()
    except AlreadyRunningError:
        return True
    except FileNotFoundError:
        return False
    return False


def _take_lock(settings: Settings) -> TextIOWrapper:
    """The kernel gives it back when the holder dies, however it dies."""
    file = (settings.run_folder / "stack.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunningError(f"the hub already runs on {settings.var}: stop it, or set TUTTI_VAR") from None
    return file
