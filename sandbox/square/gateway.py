"""What stands in front of every call of the simulated account: the token, faults, the words of a refusal."""

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import FaultKind, Faults, Refusals
from sandbox.square.state import Account

NAME = "square"
Handler = Callable[[Request, Any], Response]


class SquareRefusal(Exception):  # noqa: N818 - Square's word for it is Error, which every refusal here is
    """A refusal in Square's own words."""

    def __init__(self, code: str, status: int = 400, field: str = "", category: str = "INVALID_REQUEST_ERROR") -> None:
        super().__init__(code)
        self.status = status
        self.error = {
            "category": category,
            "code": code,
            "detail": f"Refused: {code}.",
            **({"field": field} if field else {}),
        }


def refused(code: str, status: int, category: str, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse({"errors": [SquareRefusal(code, status, "", category).error]}, status, headers=named)


REFUSALS = Refusals(
    throttled=lambda seconds: refused("RATE_LIMITED", 429, "RATE_LIMIT_ERROR", retry_after=f"{seconds:g}"),
    failed=lambda: refused("SERVICE_UNAVAILABLE", 503, "API_ERROR"),
    unauthorized=lambda: refused("UNAUTHORIZED", 401, "AUTHENTICATION_ERROR"),
)


class Gateway:
    """Makes routes; `account` is asked anew each time, since a reset replaces it."""

    def __init__(self, faults: Faults, account: Callable[[], Account]) -> None:
        self._faults = faults
        self._account = account

    def is_stale(self, operation: str) -> bool:
        """Whether this read is to show what was before the last change."""
        return bool(self._faults.strike(NAME, operation, FaultKind.STALE_OBJECT))

    def route(self, method: str, path: str, operation: str, handler: Handler) -> Route:
        """Serve one operation, named as in Square's OpenAPI (also in fault plans)."""

        async def endpoint(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {self._account().token}":
                return REFUSALS.unauthorized()
            raw = await request.body()

            async def answer() -> Response:
                try:
                    return handler(request, json.loads(raw) if raw else {})
                except SquareRefusal as refusal:
                    return JSONResponse({"errors": [refusal.error]}, refusal.status)
                except ValueError:
                    return refused("EXPECTED_JSON_BODY", 400, "INVALID_REQUEST_ERROR")

            return await self._faults.serve(NAME, operation, answer, REFUSALS)

        return Route(f"/{NAME}{path}", endpoint, methods=[method])


def paged(found: list[Any], cursor: str | None, limit: int | None, name: str) -> dict[str, Any]:
    """One page; the cursor is Square's own business and left out on the last."""
    start = int(cursor) if cursor else 0
    size = limit or 100
    answer: dict[str, Any] = {name: found[start : start + size]}
    if start + size < len(found):
        answer["cursor"] = str(start + size)
    return answer
