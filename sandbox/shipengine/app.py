"""The simulated ShipEngine as one platform of the sandbox."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.faults import Faults, Refusals
from sandbox.shipengine import labels, signing
from sandbox.shipengine.control import control
from sandbox.shipengine.post import KEY, Post
from sandbox.shipengine.state import CARRIER, CARRIER_ID, Account, RefusedError
from sandbox.webhooks import Outbox

Handler = Callable[[Request, Any], Any]


def refusal(no: RefusedError, **headers: str) -> Response:
    error = {"error_source": "shipengine", "error_type": no.kind, "error_code": no.code, "message": str(no)}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse({"request_id": str(uuid4()), "errors": [error]}, no.status, headers=named)


def _throttled(seconds: float) -> Response:
    return refusal(RefusedError("Too many requests.", "rate_limit_exceeded", status=429), retry_after=f"{seconds:g}")


REFUSALS = Refusals(
    throttled=_throttled,
    failed=lambda: refusal(RefusedError("An error occurred.", "unspecified", status=500, kind="system")),
    unauthorized=lambda: refusal(RefusedError("The API key is invalid.", "unauthorized", status=401, kind="security")),
)


class ShipEngine:
    """Base address: `<sandbox>/shipengine`; operations are named as in ShipEngine's OpenAPI (also in fault plans)."""

    name = "shipengine"

    def __init__(self, faults: Faults, outbox: Outbox) -> None:
        self._faults = faults
        self.post = Post(outbox)
        self.control = control(self.post)
        hooks, label = "/v1/environment/webhooks", "/v1/labels/{label}"
        self.routes: list[BaseRoute] = [
            self._route("GET", "/jwks", "jwks", lambda _request, _body: signing.published(KEY)),
            self._route("GET", "/v1/carriers", "list_carriers", self._carriers),
            self._route("POST", "/v1/labels", "create_label", self._buy),
            self._route(
                "GET",
                "/v1/labels/external_shipment_id/{external}",
                "get_label_by_external_shipment_id",
                self._label_of,
            ),
            self._route("GET", label, "get_label_by_id", self._label),
            self._route("PUT", f"{label}/void", "void_label", self._void),
            self._route("GET", "/v1/tracking", "get_tracking_log", self._track),
            self._route("GET", hooks, "list_webhooks", lambda _request, _body: list(self.account.webhooks.values())),
            self._route("POST", hooks, "create_webhook", self._subscribe),
        ]

    @property
    def account(self) -> Account:
        return self.post.account

    def reset(self) -> None:
        self.post.open_with(Account())

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        """`labels` by external id, `voids` by label, `scans` by tracking number, `webhooks` by address."""
        return self.account.committed

    def _route(self, method: str, path: str, operation: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            if request.headers.get("api-key") != self.account.settings.key:
                return REFUSALS.unauthorized()
            raw = await request.body()

            async def answer() -> Response:
                try:
                    return JSONResponse(handler(request, json.loads(raw) if raw else None))
                except RefusedError as no:
                    return refusal(no)
                except ValueError:
                    return refusal(RefusedError("The body is no JSON.", "request_body_required"))

            return await self._faults.serve("shipengine", operation, answer, REFUSALS)

        return Route(f"/shipengine{path}", endpoint, methods=[method])

    def _carriers(self, _request: Request, _body: Any) -> Any:
        carrier = {"carrier_id": CARRIER_ID, "carrier_code": CARRIER, "friendly_name": "Sandbox Post"}
        return {"carriers": [carrier], "request_id": str(uuid4()), "errors": []}

    def _buy(self, _request: Request, body: Any) -> Any:
        label = labels.buy(self.account, body)
        self.post.expect(label)
        return label

    def _label_of(self, request: Request, _body: Any) -> Any:
        return self.account.label(self.account.by_external.get(request.path_params["external"], ""))

    def _label(self, request: Request, _body: Any) -> Any:
        return self.account.label(request.path_params["label"])

    def _void(self, request: Request, body: Any) -> Any:
        return labels.void(self.account, self._label(request, body))

    def _track(self, request: Request, _body: Any) -> Any:
        query = request.query_params
        return self.account.track(query.get("carrier_code", ""), query.get("tracking_number", ""))

    def _subscribe(self, _request: Request, body: Any) -> Any:
        if any((kept["url"], kept["event"]) == (body["url"], body["event"]) for kept in self.account.webhooks.values()):
            raise RefusedError("The address has this event already.", "webhook_event_type_conflict", status=409)
        made = {"webhook_id": self.account.new_id(), "url": body["url"], "event": body["event"]}
        self.account.webhooks[made["webhook_id"]] = made
        self.account.committed["webhooks"][made["url"]] += 1
        return made


def platform(faults: Faults, outbox: Outbox) -> ShipEngine:
    return ShipEngine(faults, outbox)
