"""What came in at the simulated platforms, call by call: for whoever asks what the hub costs them."""

from collections import deque
from typing import NamedTuple

MOST = 100_000
"""Calls that are remembered; the oldest are forgotten first."""


class Metered(NamedTuple):
    """One call; `points` is what it cost of a platform's budget, where the platform counts so."""

    platform: str
    account: str
    operation: str
    reads: bool
    points: float
    throttled: bool


class Meter:
    def __init__(self) -> None:
        self.calls: deque[Metered] = deque(maxlen=MOST)

    def note(
        self, platform: str, account: str, operation: str, *, reads: bool, points: float = 0, throttled: bool = False
    ) -> None:
        self.calls.append(Metered(platform, account, operation, reads, points, throttled))
