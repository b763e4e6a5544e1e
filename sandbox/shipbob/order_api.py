"""Orders and shipments over the wire: create, find, cancel."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import FaultKind
from sandbox.shipbob.gateway import Gateway, number, refused
from sandbox.shipbob.orders import complaints, new_order
from sandbox.shipbob.store import Json, Store
from sandbox.shipbob.warehouse import Warehouse


class OrderApi:
    """Handlers of the order and shipment operations."""

    def __init__(self, gateway: Gateway, warehouse: Warehouse) -> None:
        self._gateway = gateway
        self._warehouse = warehouse
        self.routes: Sequence[Route] = [
            gateway.route("POST", "/order", "create-order", self.create),
            gateway.route("GET", "/order", "get-orders", self.search),
            gateway.route("GET", "/order/{order_id:int}", "get-order", self.one),
            gateway.route("GET", "/order/{order_id:int}/shipment", "get-all-shipments-for-order", self.shipments),
            gateway.route("POST", "/order/{order_id:int}:cancel", "cancel-order", self.cancel),
            gateway.route("GET", "/shipment/{shipment_id:int}", "get-shipment", self.shipment),
            gateway.route("POST", "/shipment/{shipment_id:int}:cancel", "cancel-shipment", self.cancel_shipment),
        ]

    @property
    def _store(self) -> Store:
        return self._warehouse.store

    def create(self, request: Request, body: Any) -> Response:
        """Take an order; its reference is unique in the channel, for good."""
        if request.headers.get("shipbob_channel_id") != str(self._store.settings.channel_id):
            return refused(403, "The channel is not accessible.")
        if errors := complaints(body):
            return JSONResponse(errors, 400)
        if self._store.order(body["reference_id"]):
            return JSONResponse({"reference_id": ["An order with this reference_id already exists."]}, 422)
        skus = [product["reference_id"] for product in body["products"]]
        behavior = self._store.settings.behavior_for(body["reference_id"], str(body.get("order_number")), skus)
        order = new_order(self._store, body, behavior)
        if self._is_stale("create-order"):  # answers with somebody's old, canceled order and keeps nothing
            dead = [shipment | {"status": "Cancelled"} for shipment in order["shipments"]]
            return JSONResponse(order | {"status": "Cancelled", "shipments": dead}, 201)
        self._store.add(order, behavior)
        self._store.as_created[order["id"]] = json.dumps(order)
        self._warehouse.receive(order)
        return JSONResponse(order, 201)

    def search(self, request: Request, _body: Any) -> Response:
        query = request.query_params
        found = self._candidates(query.get("ReferenceIds"), query.get("IDs"))
        if since := query.get("LastUpdateStartDate"):
            found = [order for order in found if _updated_at(order) >= since.replace("Z", "+00:00")]
        if (tracked := query.get("HasTracking")) is not None:
            found = [order for order in found if _has_tracking(order) == (tracked.lower() == "true")]
        if query.get("SortOrder") != "Oldest":
            found = found[::-1]
        limit, page = min(number(request, "Limit", 50), 250), max(number(request, "Page", 1), 1)
        shown = found[(page - 1) * limit : page * limit]
        return JSONResponse([self._as_read(order, "get-orders") for order in shown])

    def _candidates(self, references: str | None, ids: str | None) -> list[Json]:
        if references is None and ids is None:
            return list(self._store.orders.values())
        by_id: Iterable[int] = map(int, filter(str.isdigit, (ids or "").split(",")))
        known: Iterable[int] = (self._store.by_reference.get(one, 0) for one in (references or "").split(","))
        wanted = sorted({*by_id, *known})
        return [self._store.orders[order_id] for order_id in wanted if order_id in self._store.orders]

    def one(self, request: Request, _body: Any) -> Response:
        order = self._store.orders.get(request.path_params["order_id"])
        return JSONResponse(self._as_read(order, "get-order")) if order else refused(404, "Not found.")

    def shipments(self, request: Request, _body: Any) -> Response:
        order = self._store.orders.get(request.path_params["order_id"])
        return JSONResponse(order["shipments"]) if order else refused(404, "Not found.")

    def shipment(self, request: Request, _body: Any) -> Response:
        shipment = self._store.shipments.get(request.path_params["shipment_id"])
        return JSONResponse(shipment) if shipment else refused(404, "Not found.")

    def cancel(self, request: Request, _body: Any) -> Response:
        """Cancel every parcel that can be; 422 once nothing is left to decide."""
        order = self._store.orders.get(request.path_params["order_id"])
        if order is None:
            return refused(404, "Not found.")
        if order["status"] in {"Cancelled", "Fulfilled"}:
            return JSONResponse({"order_id": [f"An order that is {order['status']} cannot be canceled."]}, 422)
        reasons = [(shipment["id"], self._warehouse.try_to_cancel(shipment)) for shipment in order["shipments"]]
        done = sum(not reason for _, reason in reasons)
        if done:
            self._store.committed["cancels"][order["reference_id"]] += 1
        status = "Success" if done == len(reasons) else "PartialSuccess" if done else "Failure"
        results = [
            {"shipment_id": shipment_id, "action": "Cancel", "is_success": not reason, "reason": reason or None}
            for shipment_id, reason in reasons
        ]
        answer = {"order_id": order["id"], "order": order, "status": status, "canceled_shipment_results": results}
        return JSONResponse(answer)

    def cancel_shipment(self, request: Request, _body: Any) -> Response:
        shipment = self._store.shipments.get(request.path_params["shipment_id"])
        if shipment is None:
            return refused(404, "Not found.")
        if reason := self._warehouse.try_to_cancel(shipment):
            return JSONResponse({"shipment_id": [reason]}, 422)
        self._store.committed["cancels"][shipment["reference_id"]] += 1
        return JSONResponse(shipment)

    def _as_read(self, order: Json, operation: str) -> Json:
        stale: Json = json.loads(self._store.as_created[order["id"]]) if self._is_stale(operation) else order
        return stale

    def _is_stale(self, operation: str) -> bool:
        faults = self._gateway.faults
        return bool(faults.plan.faults and faults.strike("shipbob", operation, FaultKind.STALE_OBJECT))


def _updated_at(order: Json) -> str:
    return str(max(shipment["last_update_at"] for shipment in order["shipments"]))


def _has_tracking(order: Json) -> bool:
    return any(shipment["tracking"] for shipment in order["shipments"])
