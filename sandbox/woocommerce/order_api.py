"""Orders, their notes and refunds over the wire."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.woocommerce import orders
from sandbox.woocommerce.gateway import Gateway, numbers, page
from sandbox.woocommerce.news import News
from sandbox.woocommerce.state import Shop


class OrderApi:
    """Handlers of everything under /orders."""

    def __init__(self, gateway: Gateway, news: News) -> None:
        self._news = news
        one = "/orders/{id:int}"
        self.routes: Sequence[Route] = [
            gateway.read("/orders", "orders.list", self.orders),
            gateway.read(one, "orders.get", self.order),
            gateway.write("PUT", one, "orders.update", self.update),
            gateway.read(f"{one}/notes", "notes.list", self.notes),
            gateway.write("POST", f"{one}/notes", "notes.create", self.add_note),
            gateway.read(f"{one}/refunds", "refunds.list", self.refunds),
            gateway.write("POST", f"{one}/refunds", "refunds.create", self.refund),
        ]

    def orders(self, shop: Shop, request: Request, _body: Any) -> Response:
        """`modified_after` is exclusive, in whole seconds; trashed orders are listed for nobody."""
        query = request.query_params
        found = [orders.shown(body) for body in shop.orders.values() if body["status"] != "trash"]
        if after := query.get("modified_after"):
            found = [body for body in found if body["date_modified_gmt"] > after]
        if (include := numbers(request, "include")) is not None:
            found = [body for body in found if body["id"] in include]
        by = "date_modified_gmt" if query.get("orderby") == "modified" else "date_created_gmt"
        found.sort(key=lambda body: (body[by], body["id"]), reverse=query.get("order", "desc") != "asc")
        return page(request, found)

    def order(self, shop: Shop, request: Request, _body: Any) -> Response:
        return JSONResponse(orders.shown(orders.order(shop, request.path_params["id"])))

    def update(self, shop: Shop, request: Request, body: Any) -> Response:
        order = orders.order(shop, request.path_params["id"], 400)
        orders.change(shop, order, body)
        self._news.order(shop, "updated", orders.shown(order))
        return JSONResponse(orders.shown(order))

    def notes(self, shop: Shop, request: Request, _body: Any) -> Response:
        """Newest first, all of them: notes are not paged."""
        order = orders.order(shop, request.path_params["id"])
        found = shop.notes.get(order["id"], [])
        if request.query_params.get("type") == "customer":
            found = [note for note in found if note["customer_note"]]
        return JSONResponse(found[::-1])

    def add_note(self, shop: Shop, request: Request, body: Any) -> Response:
        order = orders.order(shop, request.path_params["id"])
        return JSONResponse(orders.note(shop, order, body), 201)

    def refunds(self, shop: Shop, request: Request, _body: Any) -> Response:
        order = orders.order(shop, request.path_params["id"])
        return page(request, shop.refunds.get(order["id"], []))

    def refund(self, shop: Shop, request: Request, body: Any) -> Response:
        order = orders.order(shop, request.path_params["id"])
        made = orders.refund(shop, order, body)
        self._news.order(shop, "updated", orders.shown(order))
        return JSONResponse(made, 201)
