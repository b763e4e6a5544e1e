"""What stands in front of every call of a simulated shop: Basic auth, the key's permission, faults."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import FaultKind, Faults, Refusals
from sandbox.woocommerce.state import Shop

NAME = "woocommerce"
V3 = f"/{NAME}/{{shop}}/wp-json/wc/v3"
STORE = f"/{NAME}/{{shop}}/wp-json/wc/store/v1"
Handler = Callable[[Shop, Request, Any], Response]


class WooError(Exception):
    """A refusal in WooCommerce's own words."""

    def __init__(self, code: str, message: str, status: int = 400, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.data = data

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "data": {"status": self.status, **self.data}}


def _throttled(seconds: float) -> Response:
    """WooCommerce has no limit of its own: the host in front of it says this."""
    return JSONResponse({"code": "too_many_requests"}, 429, headers={"Retry-After": f"{seconds:g}"})


def _unauthorized() -> Response:
    text = "Sorry, you cannot list resources."
    return JSONResponse(WooError("woocommerce_rest_cannot_view", text, 401).body(), 401)


REFUSALS = Refusals(
    throttled=_throttled, failed=lambda: Response("<html>502 Bad Gateway</html>", 502), unauthorized=_unauthorized
)


class Gateway:
    """Makes routes; `read` and `write` are operations of the merchant's API, `public` needs no key."""

    def __init__(self, faults: Faults, shops: Mapping[str, Shop]) -> None:
        self._faults = faults
        self._shops = shops

    def read(self, path: str, operation: str, handler: Handler) -> Route:
        return self._route("GET", V3 + path, operation, handler, needs="read")

    def write(self, method: str, path: str, operation: str, handler: Handler) -> Route:
        return self._route(method, V3 + path, operation, handler, needs="write")

    def public(self, path: str, operation: str, handler: Handler) -> Route:
        return self._route("GET", STORE + path, operation, handler, needs="")

    def _route(self, method: str, path: str, operation: str, handler: Handler, *, needs: str) -> Route:
        async def endpoint(request: Request) -> Response:
            shop = self._shops.get(request.path_params["shop"])
            if shop is None:
                return Response("<html>Not Found</html>", 404)
            if refusal := _refusal(shop, request, needs):
                return refusal
            self._faults.meter.note(NAME, shop.name, operation, reads=method == "GET")
            raw = await request.body()

            is_stale = method == "GET" and bool(self._faults.strike(NAME, operation, FaultKind.STALE_OBJECT))

            async def answer() -> Response:
                try:
                    return handler(shop.as_before() if is_stale else shop, request, json.loads(raw) if raw else {})
                except WooError as refused:
                    return JSONResponse(refused.body(), refused.status)
                except ValueError:
                    return JSONResponse(WooError("rest_invalid_json", "Invalid JSON body passed.").body(), 400)

            return await self._faults.serve(NAME, operation, answer, REFUSALS)

        return Route(path, endpoint, methods=[method])


def _refusal(shop: Shop, request: Request, needs: str) -> Response | None:
    if not needs:
        return None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(token).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        given = ""
    if given != f"{shop.consumer_key}:{shop.consumer_secret}":
        return _unauthorized()
    if needs == "write" and shop.permissions == "read":
        text = "The API key provided does not have write permissions."
        return JSONResponse(WooError("woocommerce_rest_authentication_error", text, 401).body(), 401)
    return None


def page(request: Request, found: list[dict[str, Any]]) -> Response:
    """One page, with the totals in headers; WooCommerce refuses more than 100 at once."""
    size = _number(request, "per_page", 10)
    if size > 100:
        raise WooError("rest_invalid_param", "Invalid parameter(s): per_page", 400, params={"per_page": "at most 100"})
    start = (max(_number(request, "page", 1), 1) - 1) * size
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(-(-len(found) // size))}
    return JSONResponse(found[start : start + size], headers=headers)


def numbers(request: Request, name: str) -> set[int] | None:
    """A list of ids in the query, None where it is not asked for."""
    text = request.query_params.get(name)
    return None if text is None else {int(part) for part in text.split(",") if part.isdecimal()}


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() else otherwise


def batch(given: Any, make: Callable[[Any], Any], change: Callable[[Any], Any], drop: Callable[[int], Any]) -> Response:
    """Creates, updates and deletes at once: each has its own answer or error, in order; 100 at most in all."""
    asked = {verb: given.get(verb) or [] for verb in ("create", "update", "delete")}
    if sum(map(len, asked.values())) > 100:
        text = "Unable to accept more than 100 items for this request."
        raise WooError("woocommerce_rest_request_entity_too_large", text, 413)
    answer: dict[str, list[Any]] = {}
    for verb, act in (("create", make), ("update", change), ("delete", drop)):
        if asked[verb]:
            answer[verb] = [_item(act, item) for item in asked[verb]]
    return JSONResponse(answer)


def _item(act: Callable[[Any], Any], item: Any) -> Any:
    try:
        return act(item)
    except WooError as refused:
        known = item if isinstance(item, int) else item.get("id", 0)
        return {"id": known, "error": refused.body()}
