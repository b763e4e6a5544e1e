"""What stands in front of every call of the simulated API: tokens, a limit per operation, the faults."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.amazon.account import Account
from sandbox.faults import Faults, Refusals

PREFIX = "/amazon"
RATES: dict[str, tuple[float, float]] = {
    "searchOrders": (20, 0.0056), "getOrder": (30, 0.5), "confirmShipment": (10, 2), "searchListingsItems": (5, 5),
    "getListingsItem": (10, 5), "putListingsItem": (10, 5), "patchListingsItem": (5, 5), "deleteListingsItem": (5, 5),
    "getDefinitionsProductType": (10, 5), "getMarketplaceParticipations": (15, 0.016), "getSupplySources": (1, 1),
}  # fmt: skip
USUAL_RATE = (5.0, 1.0)
Handler = Callable[[Request, Any], Response]


def is_preview(request: Request) -> bool:
    """Such a call says what it would do, and does nothing."""
    return request.query_params.get("mode") == "VALIDATION_PREVIEW"


def refused(status: int, code: str, message: str, details: str = "") -> Response:
    body = {"errors": [{"code": code, "message": message, "details": details}]}
    return JSONResponse(body, status, headers={"x-amzn-requestid": str(uuid.uuid4())})


REFUSALS = Refusals(
    throttled=lambda _seconds: refused(429, "QuotaExceeded", "You exceeded your quota for the requested resource."),
    failed=lambda: refused(503, "ServiceUnavailable", "The service is temporarily unavailable."),
    unauthorized=lambda: refused(
        403, "Unauthorized", "Access to requested resource is denied.", "The access token you provided has expired."
    ),
)


class Gateway:
    """Makes routes; an expired or unknown access token is answered 403, as Amazon does."""

    def __init__(self, faults: Faults, account: Callable[[], Account]) -> None:
        self._faults = faults
        self._account = account
        self.buckets: dict[str, tuple[float, float]] = {}
        self.throttled = 0

    def route(self, method: str, path: str, operation: str, handler: Handler) -> Route:
        """Serve one operation, named as in Amazon's models (also in fault plans)."""

        async def endpoint(request: Request) -> Response:
            if self._account().tokens.get(request.headers.get("x-amz-access-token", ""), 0.0) <= time.monotonic():
                return REFUSALS.unauthorized()
            takes = self._takes(operation)
            reads = method == "GET" or is_preview(request)
            self._faults.meter.note("amazon", "", operation, reads=reads, throttled=not takes)
            if not takes:
                self.throttled += 1
                return REFUSALS.throttled(0)
            raw = await request.body()
            try:
                body = json.loads(raw) if raw else None
            except ValueError:
                return refused(400, "InvalidInput", "The request body is not JSON.")

            async def answer() -> Response:
                return handler(request, body)

            response = await self._faults.serve("amazon", operation, answer, REFUSALS)
            response.headers["x-amzn-ratelimit-limit"] = str(self._rate(operation)[1])
            return response

        return Route(PREFIX + path, endpoint, methods=[method])

    def _rate(self, operation: str) -> tuple[float, float]:
        burst, rate = RATES.get(operation, USUAL_RATE)
        factor = self._account().settings.rate_factor
        return burst * max(1.0, factor), rate * factor

    def _takes(self, operation: str) -> bool:
        burst, rate = self._rate(operation)
        left, at = self.buckets.get(operation, (burst, time.monotonic()))
        now = time.monotonic()
        left = min(burst, left + (now - at) * rate)
        self.buckets[operation] = (left - 1 if left >= 1 else left, now)
        return left >= 1
