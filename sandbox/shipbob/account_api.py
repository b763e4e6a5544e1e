"""Channels, places, stock and webhook subscriptions over the wire."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.shipbob.gateway import Gateway, number, refused
from sandbox.shipbob.notices import Notices
from sandbox.shipbob.store import LOCATIONS, Json, Location
from sandbox.shipbob.warehouse import Warehouse


class AccountApi:
    """Handlers of everything that is not an order."""

    def __init__(self, gateway: Gateway, warehouse: Warehouse, notices: Notices) -> None:
        self._warehouse = warehouse
        self._notices = notices
        by_location = "get-all-inventory-levels-grouped-by-fulfillment-center"
        self.routes: Sequence[Route] = [
            gateway.route("GET", "/channel", "get-channels", self.channels),
            gateway.route("GET", "/location", "get-locations", self.locations),
            gateway.route("GET", "/inventory-level/locations", by_location, self.stock),
            gateway.route("GET", "/product", "get-products", self.products),
            gateway.route("POST", "/webhook", "create-subscription", self.subscribe),
            gateway.route("GET", "/webhook", "get-subscriptions", self.subscriptions),
            gateway.route("DELETE", "/webhook/{id}", "delete-subscription", self.unsubscribe),
        ]

    def channels(self, _request: Request, _body: Any) -> Response:
        settings = self._warehouse.store.settings
        channel = {
            "id": settings.channel_id,
            "name": "Tutti sandbox",
            "application_name": "Tutti",
            "scopes": settings.scopes,
        }
        return JSONResponse({"items": [channel], "next": None, "prev": None})

    def locations(self, _request: Request, _body: Any) -> Response:
        return JSONResponse([_location(place) for place in LOCATIONS.values()])

    def stock(self, request: Request, _body: Any) -> Response:
        return self._page(request, list(self._warehouse.store.inventory.values()))

    def products(self, request: Request, _body: Any) -> Response:
        items = self._warehouse.store.inventory.values()
        return self._page(request, [_product(item) for item in items])

    def subscribe(self, _request: Request, body: Any) -> Response:
        made = self._notices.subscribe(self._warehouse.store, body)
        if isinstance(made, str):
            return JSONResponse({"$type": "UnprocessableEntityObjectResult", "status_code": 422, "value": made}, 422)
        return JSONResponse({key: value for key, value in made.items() if key != "enabled"})

    def subscriptions(self, request: Request, _body: Any) -> Response:
        """The secret is shown once, when the subscription is made."""
        known = self._warehouse.store.subscriptions.values()
        return self._page(request, [{key: one[key] for key in one if key != "secret"} for one in known])

    def unsubscribe(self, request: Request, _body: Any) -> Response:
        gone = self._warehouse.store.subscriptions.pop(request.path_params["id"], None)
        return Response(status_code=204) if gone else refused(404, "Not found.")

    @staticmethod
    def _page(request: Request, items: list[Json]) -> Response:
        """Pages are followed by the URL in `next`; its cursor is the platform's own business."""
        query = request.query_params
        size = number(request, "PageSize", number(request, "RecordsPerPage", 50))
        start = number(request, "Cursor", 0)
        shown, is_last = items[start : start + size], start + size >= len(items)
        following = urlencode({**query, "Cursor": start + size})
        link = None if is_last else f"{request.url.replace(query=following)}"
        return JSONResponse({"items": shown, "first": None, "last": None, "next": link, "prev": None})


def _location(place: Location) -> Json:
    address = {key: getattr(place, key) for key in ("name", "city", "state", "country", "zip_code")}
    return {
        "id": place.id,
        "name": place.name,
        "abbreviation": place.abbreviation,
        "is_active": True,
        "is_receiving_enabled": True,
        "is_shipping_enabled": True,
        "access_granted": True,
        "attributes": [],
        "region": {"id": 1, "name": place.country},
        "timezone": place.timezone,
        "services": [{"service_type": "Receiving", "enabled": True, "address": address}],
    }


def _product(item: Json) -> Json:
    on_hand = sum(place["on_hand_quantity"] for place in item["locations"])
    inventory = {"inventory_id": item["inventory_id"], "on_hand_qty": on_hand}
    variant = {"id": item["inventory_id"], "sku": item["sku"], "name": item["name"], "inventory": inventory}
    return {"id": item["inventory_id"], "name": item["name"], "type": "Regular", "variants": [variant]}
