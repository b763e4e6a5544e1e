"""What `tutti doctor` looks at on this machine: interpreter, packages, programs, key, ports, disk."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from runtime.embedded import temporal_program
from runtime.errors import OperatorError
from runtime.keys import load_keys
from runtime.parts import PORTS_OF, PROJECT, default_parts
from runtime.ports import SETTING_OF, holder, is_free
from runtime.supervisor import is_running

if TYPE_CHECKING:
    from runtime.settings import Settings

OLDEST_PYTHON = (3, 11)
FREE_BYTES = 1024**3
_LOCK = PROJECT / "requirements.lock"


class ProblemFoundError(OperatorError):
    """A check failed; the text is the finding and `remedy` mends it."""

    def __init__(self, finding: str, remedy: str) -> None:
        super().__init__(finding)
        self.remedy = remedy


def python(_settings: Settings) -> str:
    have = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        raise ProblemFoundError(f"Python {have} is too old", "install Python 3.11 or newer, remove .venv, `make setup`")
    return f"Python {have}"


def packages(_settings: Settings) -> str:
    """Only what is installed is compared: the image leaves the developers' packages out."""
    locked = [line.split(" \\")[0] for line in _LOCK.read_text().splitlines() if "==" in line and line[0].isalnum()]
    wanted = [requirement for requirement in map(Requirement, locked) if _applies(requirement)]
    differing = [f"{wish.name} {have}, not {wish.specifier}" for wish in wanted if (have := _other_version(wish))]
    if differing:
        raise ProblemFoundError(
            f"not as in requirements.lock: {', '.join(differing)}", "remove .venv/.ready, `make setup`"
        )
    return f"{len(wanted)} packages as in requirements.lock"


def temporal_server(_settings: Settings) -> str:
    return str(temporal_program())


def master_key(settings: Settings) -> str:
    if settings.key_file.exists() and not os.environ.get("TUTTI_MASTER_KEY"):
        mode = stat.S_IMODE(settings.key_file.stat().st_mode)
        if mode & 0o077:
            raise ProblemFoundError(f"{settings.key_file} can be read by others", f"chmod 600 {settings.key_file}")
    elif not os.environ.get("TUTTI_MASTER_KEY") and settings.environment == "development":
        return f"`tutti up` will make {settings.key_file}"
    load_keys(settings)
    return "from TUTTI_MASTER_KEY" if os.environ.get("TUTTI_MASTER_KEY") else str(settings.key_file)


def ports(settings: Settings) -> str:
    if is_running(settings):
        return "held by the running hub"
    wanted = [SETTING_OF[port] for part in default_parts() for port in PORTS_OF[part]]
    taken = {name: port for name in wanted if (port := getattr(settings, name)) and not is_free(port)}
    if taken:
        who = ", ".join(f"{port} by {holder(port)}" for port in taken.values())
        names = " and ".join(f"TUTTI_{name.upper()}" for name in taken)
        raise ProblemFoundError(f"taken: {who}", f"stop that, or set {names} (0 takes any free port)")
    return "free: " + ", ".join(str(getattr(settings, name)) for name in wanted)


def clock(_settings: Settings) -> str:
    """A clock that went back to its factory setting is before the day on which this version was installed."""
    now, installed = (datetime.fromtimestamp(moment, UTC) for moment in (time.time(), _LOCK.stat().st_mtime))
    if now < installed - timedelta(days=1):
        raise ProblemFoundError(f"the clock says {now:%Y-%m-%d %H:%M} UTC", "set it, and let NTP keep it")
    return f"{now:%Y-%m-%d %H:%M:%S} UTC"


def disk(settings: Settings) -> str:
    folder = next(path for path in (settings.var, *settings.var.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        raise ProblemFoundError(
            f"{free / 1024**2:.0f} MB left at {folder}", "free some, or set TUTTI_VAR to another disk"
        )
    return f"{free / 1024**3:.0f} GB free at {folder}"


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate()


def _other_version(requirement: Requirement) -> str | None:
    try:
        have = version(requirement.name)
    except PackageNotFoundError:
        return None
    return None if requirement.specifier.contains(have, prereleases=True) else have
