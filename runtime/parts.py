"""The five processes of the embedded stack: how each is started, and how one sees that it works."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from runtime.embedded import server_command
from runtime.heartbeat import beating_pid
from runtime.temporal import TemporalUnreachableError, connect, prepare_namespace, uses_cluster

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runtime.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
PARTS = ("temporal", "api", "sandbox", "worker", "console")
"""Temporal starts first, then the others together; they stop in the reverse order."""
GIVES_WAY = 5
PORTS_OF = {
    "temporal": ("temporal", "temporal_ui"),
    "api": ("api",),
    "sandbox": ("sandbox",),
    "worker": (),
    "console": ("console",),
}


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple[str, ...]
    is_ready: Callable[[int], Awaitable[bool]]
    """Asked with the pid of the process that must be the one to answer."""
    grace: timedelta = timedelta(seconds=5)
    """How long it may take to stop by itself."""
    niceness: int = 0
    """On a machine that is short of processor time webhooks are answered first: all else gives way to the API."""


def default_parts() -> tuple[str, ...]:
    """All of them, or all but one where Temporal's own variables name a cluster."""
    return tuple(name for name in PARTS if name != "temporal" or not uses_cluster())


def make_part(name: str, settings: Settings) -> Part:
    return {"temporal": _temporal, "api": _api, "sandbox": _sandbox, "worker": _worker, "console": _console}[name](
        settings
    )


def _temporal(settings: Settings) -> Part:
    async def is_ready(_pid: int) -> bool:
        try:
            client = await connect(settings, patience=timedelta(0))
            # at every start: whoever deletes the server's file deletes these with it
            await prepare_namespace(client, timedelta(days=settings.retention_histories_days))
        except (TemporalUnreachableError, RuntimeError):
            return False
        return True

    return Part("temporal", tuple(server_command(settings)), is_ready, niceness=GIVES_WAY)


def _api(settings: Settings) -> Part:
    command = (
        sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory",
        "--host", "127.0.0.1", "--port", str(settings.api_port),
        "--no-access-log", "--timeout-graceful-shutdown", "5",
    )  # fmt: skip
    return Part("api", command, _answers(f"{settings.api_url}/healthz"), grace=timedelta(seconds=10))


def _sandbox(settings: Settings) -> Part:
    command = (sys.executable, "-m", "sandbox", "--port", str(settings.sandbox_port))
    return Part("sandbox", command, _answers(f"{settings.sandbox_url}/healthz"), niceness=GIVES_WAY)


def _worker(settings: Settings) -> Part:
    async def is_ready(pid: int) -> bool:
        return beating_pid(settings, "worker") == pid

    # longer than the worker's own graceful_shutdown_timeout of 20 s would be rude to wait for: it is killed then
    command = (sys.executable, "worker.py")
    return Part("worker", command, is_ready, grace=timedelta(seconds=20), niceness=GIVES_WAY)


def _console(settings: Settings) -> Part:
    command = (sys.executable, "-m", "console")
    address = f"http://127.0.0.1:{settings.console_port}/healthz"
    return Part("console", command, _answers(address), niceness=GIVES_WAY)


def _answers(url: str) -> Callable[[int], Awaitable[bool]]:
    """Any answer but a server's error: the port was free before, so nobody else can be giving it."""

    async def is_ready(_pid: int) -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                return not (await client.get(url)).is_server_error
        except httpx.TransportError:
            return False

    return is_ready
