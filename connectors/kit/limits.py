"""A rate limiter that keeps to a safe pace by itself and to the platform's own figures once answers bring them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What one answer says about the limit; `left` counts calls or points that may be used right now."""

    left: float | None = None
    capacity: float | None = None
    per_second: float | None = None
    closed_for: float = 0.0


class Limiter:
    """A token bucket for one account at one platform.

    Tokens may go below zero: a caller takes its own at once and sleeps until they are earned, so waiting is first
    come, first served and far from the limit costs one subtraction.
    Not aiolimiter: its level cannot be set from what the platform says, and that is the whole point here.
    """

    def __init__(
        self,
        capacity: float,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._capacity = capacity
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._tokens = capacity
        self._earned_at = clock()
        self._in_flight = 0.0

    def pause(self, cost: float = 1.0) -> float:
        """How many seconds a call of this cost would have to wait now."""
        self._earn()
        return max(0.0, (cost - self._tokens) / self._per_second)

    async def enter(self, cost: float = 1.0) -> None:
        """Wait until a call of this cost may be made."""
        pause = self.pause(cost)
        self._tokens -= cost
        self._in_flight += cost
        if pause:
            try:
                await self._sleep(pause)
            except asyncio.CancelledError:
                self._tokens += cost
                self._in_flight -= cost
                raise

    def leave(self, cost: float = 1.0, reading: Reading | None = None) -> None:
        """The call has ended, with or without an answer that tells the limit."""
        self._in_flight -= cost
        if reading is not None:
            self.learn(reading)

    def learn(self, reading: Reading) -> None:
        """Believe the platform: other users of the account and other workers are in its figures, not in ours.

        Calls under way are not in its figure yet, so they are taken off it.
        """
        self._earn()
        if reading.capacity:
            self._capacity = reading.capacity
        if reading.per_second:
            self._per_second = reading.per_second
        if reading.left is not None:
            self._tokens = reading.left - self._in_flight
        if reading.closed_for > 0:
            self._tokens = min(self._tokens, 1.0 - reading.closed_for * self._per_second)

    def _earn(self) -> None:
        now = self._clock()
        earned = self._tokens + (now - self._earned_at) * self._per_second
        # A platform's figure may lie above our own capacity; then it stands, and is only not added to.
        self._tokens = max(self._tokens, min(self._capacity, earned))
        self._earned_at = now


def window(calls: float, seconds: float) -> Limiter:
    """A limiter that never makes more than `calls` in any sliding window: a fifth as a burst, the rest evenly."""
    burst = calls / 5
    return Limiter(burst, (calls - burst) / seconds)


def header_reading(
    headers: Mapping[str, str], *, left: str, reset_seconds: str = "", reset_milliseconds: str = ""
) -> Reading | None:
    """Read a limit told in headers; once nothing is left the limiter closes for the time until the reset."""
    remaining = _number(headers.get(left))
    if remaining is None:
        return None
    seconds = _number(headers.get(reset_seconds)) or (_number(headers.get(reset_milliseconds)) or 0.0) / 1000
    return Reading(left=remaining, closed_for=seconds if remaining <= 0 else 0.0)


def cost_reading(payload: Mapping[str, Any]) -> Reading | None:
    """Read Shopify's cost bucket from a GraphQL answer (`extensions.cost.throttleStatus`).

    Source: https://shopify.dev/docs/api/usage/limits#graphql-admin-api-rate-limits
    """
    status: Any = payload
    for key in ("extensions", "cost", "throttleStatus"):
        status = status.get(key) if isinstance(status, Mapping) else None
    if not isinstance(status, Mapping):
        return None
    return Reading(
        left=_number(status.get("currentlyAvailable")),
        capacity=_number(status.get("maximumAvailable")),
        per_second=_number(status.get("restoreRate")),
    )


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]  # anything that is no number is what the except is for
    except (TypeError, ValueError):
        return None
