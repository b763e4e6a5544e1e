"""Locations, the catalog, orders, the token's scopes and webhook subscriptions over the wire."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.square.gateway import Gateway, SquareRefusal, paged
from sandbox.square.state import Account, now

EVENTS = frozenset({
    "inventory.count.updated", "order.created", "order.updated", "order.fulfillment.updated", "payment.created",
    "payment.updated", "refund.created", "refund.updated", "catalog.version.updated",
})  # fmt: skip
SORTS = {"created_at": "CREATED_AT", "updated_at": "UPDATED_AT", "closed_at": "CLOSED_AT"}


class AccountApi:
    """Handlers of everything that is not stock."""

    def __init__(self, gateway: Gateway, account: Callable[[], Account]) -> None:
        self._account = account
        one = "/v2/webhooks/subscriptions/{id}"
        self.routes: Sequence[Route] = [
            gateway.route("POST", "/oauth2/token/status", "RetrieveTokenStatus", self.token),
            gateway.route("GET", "/v2/locations", "ListLocations", self.locations),
            gateway.route("GET", "/v2/catalog/list", "ListCatalog", self.catalog),
            gateway.route("POST", "/v2/orders/search", "SearchOrders", self.search),
            gateway.route("GET", "/v2/orders/{id}", "RetrieveOrder", self.order),
            gateway.route("GET", "/v2/webhooks/subscriptions", "ListWebhookSubscriptions", self.subscriptions),
            gateway.route("POST", "/v2/webhooks/subscriptions", "CreateWebhookSubscription", self.subscribe),
            gateway.route("PUT", one, "UpdateWebhookSubscription", self.resubscribe),
        ]

    def token(self, _request: Request, _body: Any) -> Response:
        account = self._account()
        return JSONResponse(
            {"scopes": account.scopes, "client_id": "sq0idp-sandbox", "merchant_id": account.merchant_id}
        )

    def locations(self, _request: Request, _body: Any) -> Response:
        return JSONResponse({"locations": list(self._account().locations.values())})

    def catalog(self, request: Request, _body: Any) -> Response:
        found = [
            {
                "type": "ITEM_VARIATION", "id": item, "version": 1, "updated_at": now(),
                "item_variation_data": {"item_id": f"{item}-ITEM", "name": sku, "sku": sku, "track_inventory": True},
            }
            for item, sku in self._account().variations.items()
        ]  # fmt: skip
        return JSONResponse(paged(found, request.query_params.get("cursor"), 100, "objects"))

    def search(self, _request: Request, body: Any) -> Response:
        """Ten locations at most; the sort must be by the time that is filtered by."""
        places = body.get("location_ids") or []
        if not 1 <= len(places) <= 10:
            raise SquareRefusal(
                "ARRAY_LENGTH_TOO_LONG" if places else "MISSING_REQUIRED_PARAMETER", field="location_ids"
            )
        query = body.get("query", {})
        wanted = query.get("filter", {})
        times: dict[str, dict[str, str]] = wanted.get("date_time_filter") or {"created_at": {}}
        field, asked = next(iter(times.items()))
        if query.get("sort", {}).get("sort_field", SORTS[field]) != SORTS[field]:
            raise SquareRefusal("INVALID_SORT_ORDER", field="query.sort.sort_field")
        states = wanted.get("state_filter", {}).get("states")
        found = [
            order
            for order in self._account().orders.values()
            if order["location_id"] in places
            and (not states or order["state"] in states)
            and (order.get(field) or "") >= (asked.get("start_at") or "")
        ]
        found.sort(key=lambda order: order.get(field) or "", reverse=query.get("sort", {}).get("sort_order") != "ASC")
        return JSONResponse(paged(found, body.get("cursor"), body.get("limit") or 500, "orders"))

    def order(self, request: Request, _body: Any) -> Response:
        found = self._account().orders.get(request.path_params["id"])
        if found is None:
            raise SquareRefusal("NOT_FOUND", 404)
        return JSONResponse({"order": found})

    def subscriptions(self, request: Request, _body: Any) -> Response:
        """The signature key is shown when a subscription is made, and in the developer's dashboard."""
        all_of_them = request.query_params.get("include_disabled") == "true"
        known = [one for one in self._account().subscriptions.values() if one["enabled"] or all_of_them]
        shown = [{key: value for key, value in one.items() if key != "signature_key"} for one in known]
        return JSONResponse(paged(shown, request.query_params.get("cursor"), 100, "subscriptions"))

    def subscribe(self, _request: Request, body: Any) -> Response:
        return JSONResponse({"subscription": add_subscription(self._account(), body.get("subscription") or {})})

    def resubscribe(self, request: Request, body: Any) -> Response:
        account = self._account()
        found = account.subscriptions.get(request.path_params["id"])
        if found is None:
            raise SquareRefusal("NOT_FOUND", 404)
        wanted = body.get("subscription") or {}
        found.update(
            {key: wanted[key] for key in ("enabled", "event_types", "name", "notification_url") if key in wanted}
        )
        account.commit("subscription_change", found["notification_url"])
        return JSONResponse({"subscription": {key: value for key, value in found.items() if key != "signature_key"}})


def add_subscription(account: Account, wanted: dict[str, Any]) -> dict[str, Any]:
    """Square makes the signature key itself."""
    if not str(wanted.get("notification_url", "")).startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise SquareRefusal("INVALID_VALUE", field="subscription.notification_url")
    if not wanted.get("event_types") or not EVENTS.issuperset(wanted["event_types"]):
        raise SquareRefusal("INVALID_VALUE", field="subscription.event_types")
    made = {
        "id": account.new_id("wbhk_"), "name": wanted.get("name") or "webhook", "enabled": wanted.get("enabled", True),
        "event_types": list(wanted["event_types"]), "notification_url": wanted["notification_url"],
        "api_version": "2025-08-20", "signature_key": wanted.get("signature_key") or account.new_id("key-"),
        "created_at": now(), "updated_at": now(),
    }  # fmt: skip
    account.subscriptions[made["id"]] = made
    account.commit("subscription", made["notification_url"])
    return made
