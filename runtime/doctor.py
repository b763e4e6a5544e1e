"""`tutti doctor`: every check with what it found and how to mend it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime import checks, service_checks
from runtime.checks import ProblemFoundError
from runtime.errors import OperatorError
from runtime.supervisor import is_running
from runtime.temporal import uses_cluster

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runtime.settings import Settings

    Check = Callable[[Settings], str | Awaitable[str]]
    """Returns what it found, or raises ProblemFoundError."""


@dataclass(frozen=True)
class Finding:
    check: str
    ok: bool
    detail: str
    remedy: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """In the order in which one would mend things."""
    return [await _look(name, check, settings) for name, check in _wanted(settings).items()]


def _wanted(settings: Settings) -> dict[str, Check]:
    """A hub that is not running is not asked whether it answers."""
    wanted: dict[str, Check] = {
        "python": checks.python,
        "packages": checks.packages,
        "clock": checks.clock,
        "disk": checks.disk,
        "master key": checks.master_key,
        "ports": checks.ports,
        "database": service_checks.database,
    }
    if not uses_cluster():
        wanted["temporal program"] = checks.temporal_server
    if uses_cluster() or is_running(settings):
        wanted |= {"temporal": service_checks.temporal, "worker": service_checks.worker}
    if is_running(settings):
        wanted |= {
            "api": service_checks.api,
            "console": service_checks.console,
            "connections": service_checks.connections_at_work,
        }
    return wanted


async def _look(name: str, check: Check, settings: Settings) -> Finding:
    try:
        found = check(settings)
        return Finding(name, ok=True, detail=await found if inspect.isawaitable(found) else found)
    except ProblemFoundError as problem:
        return Finding(name, ok=False, detail=str(problem), remedy=problem.remedy)
    except OperatorError as error:
        return Finding(name, ok=False, detail=str(error))
    except Exception as error:  # noqa: BLE001 - whatever broke the check is what it found
        return Finding(name, ok=False, detail=f"{type(error).__name__}: {error}")
