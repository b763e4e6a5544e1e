"""Orders 2026-01-01 and the confirmation of shipments, which is still v0."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from sandbox.amazon.account import Account, Json
from sandbox.amazon.gateway import Gateway, refused

ALWAYS = {"orderId", "orderAliases", "createdTime", "lastUpdatedTime", "programs", "salesChannel", "orderItems"}
PARTS = {
    "BUYER": "buyer",
    "RECIPIENT": "recipient",
    "PROCEEDS": "proceeds",
    "FULFILLMENT": "fulfillment",
    "PACKAGES": "packages",
}
ITEM_PARTS = {"PROCEEDS": "proceeds", "CANCELLATION": "cancellation", "FULFILLMENT": "fulfillment"}


class OrdersApi:
    def __init__(self, gateway: Gateway, account: Callable[[], Account], changed: Callable[[Json, str], None]) -> None:
        self._account = account
        self._changed = changed
        self.routes: list[BaseRoute] = [
            gateway.route("GET", "/orders/2026-01-01/orders", "searchOrders", self._search),
            gateway.route("GET", "/orders/2026-01-01/orders/{order}", "getOrder", self._get),
            gateway.route("POST", "/orders/v0/orders/{order}/shipmentConfirmation", "confirmShipment", self._confirm),
        ]

    def _search(self, request: Request, _body: Any) -> Response:
        query = request.query_params
        after = query.get("lastUpdatedAfter") or query.get("createdAfter")
        if not after:
            return refused(400, "InvalidInput", "createdAfter or lastUpdatedAfter is required")
        statuses = set(query.get("fulfillmentStatuses", "").split(",")) - {""}
        found = [
            order
            for order in sorted(self._account().orders.values(), key=lambda each: str(each["lastUpdatedTime"]))
            if datetime.fromisoformat(order["lastUpdatedTime"]) >= datetime.fromisoformat(after)
            and (not statuses or order["fulfillment"]["fulfillmentStatus"] in statuses)
        ]
        size, start = min(100, int(query.get("maxResultsPerPage", 100))), int(query.get("paginationToken") or 0)
        parts = set(query.get("includedData", "").split(","))
        answer: Json = {"orders": [_told(order, parts) for order in found[start : start + size]]}
        if start + size < len(found):
            answer["pagination"] = {"nextToken": str(start + size)}
        return JSONResponse(answer)

    def _get(self, request: Request, _body: Any) -> Response:
        order = self._account().orders.get(request.path_params["order"])
        if order is None:
            return refused(404, "NotFound", "The order is not known")
        return JSONResponse({"order": _told(order, set(request.query_params.get("includedData", "").split(",")))})

    def _confirm(self, request: Request, body: Any) -> Response:
        order = self._account().orders.get(request.path_params["order"])
        if order is None:
            return refused(404, "NotFound", "The order is not known")
        package = body["packageDetail"]
        if problem := _problem(order, package):
            return refused(400, "InvalidInput", problem)
        reference = package["packageReferenceId"]
        known = next((each for each in order["packages"] if each["packageReferenceId"] == reference), None)
        if known is None:
            self._account().committed["shipments"][f"{order['orderId']}:{package['trackingNumber']}"] += 1
            order["packages"].append(_package(package))
            _ship(order, package)
        else:
            known |= _package(package)
        self._changed(order, "OrderStatusChange")
        return Response(status_code=204)


def _told(order: Json, parts: set[str]) -> Json:
    """Amazon leaves out what was not asked for."""
    names = ALWAYS | {name for part, name in PARTS.items() if part in parts}
    hidden = {name for part, name in ITEM_PARTS.items() if part not in parts}
    told = {name: value for name, value in order.items() if name in names}
    return told | {"orderItems": [{n: v for n, v in item.items() if n not in hidden} for item in order["orderItems"]]}


def _problem(order: Json, package: Json) -> str:
    if not str(package["packageReferenceId"]).isdecimal():
        return "packageReferenceId must be a positive number"
    known = {each["packageReferenceId"] for each in order["packages"]}
    if package["packageReferenceId"] in known:
        return ""
    left = {item["orderItemId"]: item["fulfillment"]["quantityUnfulfilled"] for item in order["orderItems"]}
    for item in package["orderItems"]:
        if item["quantity"] > left.get(item["orderItemId"], 0):
            return "the package holds more than is left to ship"
    return ""


def _package(package: Json) -> Json:
    return {
        "packageReferenceId": package["packageReferenceId"],
        "createdTime": datetime.now(UTC).isoformat(),
        "packageStatus": {"status": "SHIPPED"},
        "carrier": package.get("carrierName") or package["carrierCode"],
        "shipTime": package["shipDate"],
        "trackingNumber": package["trackingNumber"],
        "packageItems": package["orderItems"],
    }


def _ship(order: Json, package: Json) -> None:
    for sent in package["orderItems"]:
        figures = next(i["fulfillment"] for i in order["orderItems"] if i["orderItemId"] == sent["orderItemId"])
        figures["quantityFulfilled"] += sent["quantity"]
        figures["quantityUnfulfilled"] -= sent["quantity"]
    is_whole = all(item["fulfillment"]["quantityUnfulfilled"] == 0 for item in order["orderItems"])
    order["fulfillment"]["fulfillmentStatus"] = "SHIPPED" if is_whole else "PARTIALLY_SHIPPED"
