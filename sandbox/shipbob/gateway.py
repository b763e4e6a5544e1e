"""What stands in front of every call of the simulated API: the token, the rate limit, the faults."""

import json
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import Faults, Refusals
from sandbox.shipbob.warehouse import Warehouse

PREFIX = "/shipbob/2026-01"
WINDOW_SECONDS = 60.0
Handler = Callable[[Request, Any], Response]


def refused(status: int, text: str, **headers: str) -> Response:
    """A refusal before the call was looked at."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse({"statusCode": status, "message": text}, status, headers=named)


def throttled(seconds: float) -> Response:
    """ShipBob names the wait in `x-retry-after`, not in `Retry-After`."""
    wait = f"{seconds:g}"
    text = f"Rate limit is exceeded. Try again in {wait} seconds."
    return refused(429, text, x_retry_after=wait, x_remaining_calls="0")


REFUSALS = Refusals(
    throttled=throttled,
    failed=lambda: refused(503, "Service unavailable."),
    unauthorized=lambda: refused(401, "Access denied due to invalid access token."),
)


def number(request: Request, name: str, otherwise: int) -> int:
    """A whole number of the query."""
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() else otherwise


class Gateway:
    """Makes routes; the limit is a sliding window over the calls of the one simulated user."""

    def __init__(self, faults: Faults, warehouse: Warehouse) -> None:
        self.faults = faults
        self._warehouse = warehouse
        self.calls: deque[float] = deque()

    def route(self, method: str, path: str, operation: str, handler: Handler) -> Route:
        """Serve one operation, named as in ShipBob's OpenAPI (also in fault plans)."""

        async def endpoint(request: Request) -> Response:
            if refusal := self._refusal(request):
                return refusal
            raw = await request.body()
            try:
                body = json.loads(raw) if raw else None
            except ValueError:
                return JSONResponse({"": ["The JSON value could not be read."]}, 400)

            async def answer() -> Response:
                return handler(request, body)

            response = await self.faults.serve("shipbob", operation, answer, REFUSALS)
            response.headers.setdefault("x-remaining-calls", str(self._limit - len(self.calls)))
            return response

        return Route(PREFIX + path, endpoint, methods=[method])

    @property
    def _limit(self) -> int:
        return self._warehouse.store.settings.calls_per_minute

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {self._warehouse.store.settings.token}":
            return REFUSALS.unauthorized()
        at = time.monotonic()
        while self.calls and self.calls[0] <= at - WINDOW_SECONDS:
            self.calls.popleft()
        if len(self.calls) >= self._limit:
            return throttled(round(self.calls[0] + WINDOW_SECONDS - at, 3))
        self.calls.append(at)
        return None
