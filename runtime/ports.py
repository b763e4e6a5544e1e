"""Ports of this machine: which are free, and who holds one that is not."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import psutil

from runtime.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.settings import Settings

SETTING_OF = {
    "temporal": "temporal_port",
    "temporal_ui": "temporal_ui_port",
    "api": "api_port",
    "sandbox": "sandbox_port",
    "console": "console_port",
}


class PortTakenError(OperatorError):
    """Somebody else listens where a part of ours must."""


def with_real_ports(settings: Settings, needed: Collection[str], *, any_free: bool = False) -> Settings:
    """Put a free port where the setting is 0 (or everywhere), and refuse one that is taken."""
    wanted = {name: 0 if any_free else getattr(settings, SETTING_OF[name]) for name in needed}
    chosen = {}
    with ExitStack() as held:  # all at once, so that no two parts are given the same one
        for name, port in wanted.items():
            try:
                listener = held.enter_context(_listen(port))
            except OSError as error:
                raise PortTakenError(_taken(SETTING_OF[name], port)) from error
            chosen[SETTING_OF[name]] = listener.getsockname()[1]
    return settings.model_copy(update=chosen)


def is_free(port: int) -> bool:
    try:
        _listen(port).close()
    except OSError:
        return False
    return True


def holder(port: int) -> str:
    """The process that listens on the port, as far as this user may know."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                process = psutil.Process(connection.pid)
                return f"pid {process.pid}, {' '.join(process.cmdline())[:80] or process.name()}"
    return "another process"


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    # as servers do: what a closed connection leaves behind for a minute does not block a restart
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1)
    except OSError:
        listener.close()
        raise
    return listener


def _taken(setting: str, port: int) -> str:
    name = f"TUTTI_{setting.upper()}"
    return f"port {port} ({name}) is taken by {holder(port)}: stop that, or set {name} (0 takes any free port)"
