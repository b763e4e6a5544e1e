"""What stands in front of every call: the key, the form, the idempotency key, the faults."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import Faults, Refusals
from sandbox.stripe.state import Account, Answered, Body, RefusedError

PREFIX = "/stripe/v1"
Handler = Callable[[Request, Body], Body]


def refusal(no: RefusedError, **headers: str) -> Response:
    error: dict[str, Any] = {"type": no.kind, "message": str(no)}
    error |= {name: value for name, value in (("code", no.code), ("param", no.param)) if value}
    return JSONResponse({"error": error}, no.status, headers={key.replace("_", "-"): headers[key] for key in headers})


def _throttled(seconds: float) -> Response:
    return refusal(RefusedError("Too many requests.", "rate_limit", status=429), retry_after=f"{seconds:g}")


REFUSALS = Refusals(
    throttled=_throttled,
    failed=lambda: refusal(RefusedError("An error occurred.", status=500, kind="api_error")),
    unauthorized=lambda: refusal(RefusedError("Invalid API Key provided.", status=401)),
)


class Gateway:
    """Makes routes; operations are named as in Stripe's OpenAPI (also in fault plans)."""

    def __init__(self, faults: Faults, account: Callable[[], Account]) -> None:
        self._faults = faults
        self._account = account

    def route(self, method: str, path: str, operation: str, allowed: str, handler: Handler) -> Route:
        """`allowed` names the parameters that the operation knows; Stripe refuses others."""

        async def endpoint(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {self._account().settings.key}":
                return REFUSALS.unauthorized()
            raw = await request.body() if method == "POST" else request.url.query.encode()

            async def answer() -> Response:
                return self._once(request, raw, lambda: handler(request, _form(raw, set(allowed.split()))))

            return await self._faults.serve("stripe", operation, answer, REFUSALS)

        return Route(PREFIX + path, endpoint, methods=[method])

    def _once(self, request: Request, raw: bytes, act: Callable[[], Body]) -> Response:
        """One key is one outcome, refusals included; another request under the same key is refused."""
        key = request.headers.get("idempotency-key", "")
        answered, fingerprint = self._account().answered, f"{request.method} {request.url.path} {raw.decode()}"
        before = answered.get(key)
        if before and before.fingerprint != fingerprint:
            text = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            return refusal(RefusedError(text, kind="idempotency_error"))
        if before:
            replayed = {"Idempotent-Replayed": "true"}
            return Response(before.body, before.status, replayed, "application/json")
        try:
            response: Response = Response(json.dumps(act()), media_type="application/json")
        except RefusedError as no:
            response = refusal(no)
        if key and request.method == "POST":
            answered[key] = Answered(fingerprint, response.status_code, bytes(response.body))
        return response


def _form(raw: bytes, allowed: set[str]) -> Body:
    """`metadata[key]=value` becomes a nested object."""
    form: Body = {}
    for name, value in parse_qsl(raw.decode(), keep_blank_values=True):
        outer, _, inner = name.partition("[")
        if outer not in allowed:
            raise RefusedError(f"Received unknown parameter: {outer}", "parameter_unknown", outer)
        if inner:
            form.setdefault(outer, {})[inner.removesuffix("]")] = value
        else:
            form[outer] = value
    return form
