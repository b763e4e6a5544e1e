"""What every simulated platform offers to the sandbox that mounts it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from fastapi import APIRouter
from starlette.routing import BaseRoute


class Platform(Protocol):
    """One simulated platform with its own state.

    `sandbox/<name>/app.py` has `platform(faults: Faults, outbox: Outbox) -> Platform`; `sandbox.app` finds it by name.
    """

    @property
    def name(self) -> str:
        """The first path segment of its routes, and its name in fault plans."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The platform's own wire protocol, paths starting with `/<name>/`."""

    @property
    def control(self) -> APIRouter:
        """What only tests and the demo may call; mounted at `/control/<name>`."""

    def reset(self) -> None:
        """Forget everything, counters included."""

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        """Writes really committed: kind of write → business reference → how often.

        Counted where state changes, never derived from it, so that a drill can hold them against the hub's records.
        """
