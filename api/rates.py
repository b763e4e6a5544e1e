"""How often one caller may call."""

import math
import time
from collections import OrderedDict

from api.errors import ProblemError

_MOST_CALLERS = 10_000


class Rates:
    """A token bucket per caller, in this process."""

    def __init__(self, *, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """One call; a 429 with Retry-After when the caller has used up its share."""
        now = time.monotonic()
        left, since = self._buckets.pop(caller, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        self._buckets[caller] = (max(0.0, left - 1), now)
        if len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        if left < 1:
            wait = math.ceil((1 - left) / self._per_second)
            raise ProblemError(429, "too_many_requests", f"call again in {wait} s", headers={"Retry-After": str(wait)})
