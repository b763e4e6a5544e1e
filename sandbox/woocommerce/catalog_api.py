"""Products and variations over the wire, one by one and in batches."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.woocommerce import catalog
from sandbox.woocommerce.gateway import Gateway, WooError, batch, numbers, page
from sandbox.woocommerce.news import News
from sandbox.woocommerce.state import Body, Shop


class CatalogApi:
    """Handlers of everything under /products."""

    def __init__(self, gateway: Gateway, news: News) -> None:
        self._news = news
        self.routes: Sequence[Route] = [
            gateway.read("/products", "products.list", self.products),
            gateway.write("POST", "/products", "products.create", self.create),
            gateway.write("POST", "/products/batch", "products.batch", self.batch),
            gateway.read("/products/{id:int}", "products.get", self.product),
            gateway.write("PUT", "/products/{id:int}", "products.update", self.update),
            gateway.read("/products/{id:int}/variations", "variations.list", self.variations),
            gateway.write("POST", "/products/{id:int}/variations/batch", "variations.batch", self.variation_batch),
        ]

    def products(self, shop: Shop, request: Request, _body: Any) -> Response:
        """By SKU the list also holds variations, as products of the type `variation`."""
        query = request.query_params
        found = [catalog.shown(shop, body) for body in shop.products.values()]
        if "sku" in query:
            wanted = set(query["sku"].split(","))
            as_products = [_as_product(body) for body in shop.variations.values()]
            found = [body for body in found + as_products if body["sku"] in wanted]
        if (include := numbers(request, "include")) is not None:
            found = [body for body in found if body["id"] in include]
        if query.get("status", "any") != "any":
            found = [body for body in found if body["status"] == query["status"]]
        return page(request, sorted(found, key=lambda body: body["id"], reverse=query.get("order") != "asc"))

    def product(self, shop: Shop, request: Request, _body: Any) -> Response:
        return JSONResponse(catalog.shown(shop, catalog.product(shop, request.path_params["id"])))

    def create(self, shop: Shop, _request: Request, body: Any) -> Response:
        return JSONResponse(self._make(shop, body), 201)

    def update(self, shop: Shop, request: Request, body: Any) -> Response:
        return JSONResponse(self._change(shop, body | {"id": request.path_params["id"]}))

    def batch(self, shop: Shop, _request: Request, body: Any) -> Response:
        return batch(
            body,
            lambda item: self._make(shop, item),
            lambda item: self._change(shop, item),
            lambda item: catalog.drop_product(shop, item),
        )

    def _make(self, shop: Shop, body: Body) -> Body:
        made = catalog.make_product(shop, body)
        self._news.product(shop, "created", made)
        return made

    def _change(self, shop: Shop, body: Body) -> Body:
        changed = catalog.change_product(shop, body)
        self._news.product(shop, "updated", changed)
        return changed

    def variations(self, shop: Shop, request: Request, _body: Any) -> Response:
        catalog.product(shop, request.path_params["id"])
        found = shop.of_parent(request.path_params["id"])
        if (include := numbers(request, "include")) is not None:
            found = [body for body in found if body["id"] in include]
        return page(request, sorted(found, key=lambda body: body["id"]))

    def variation_batch(self, shop: Shop, request: Request, body: Any) -> Response:
        parent = catalog.product(shop, request.path_params["id"])

        def refuse(_item: int) -> Body:
            raise WooError("woocommerce_rest_cannot_delete", "Not simulated: variations go with their product.", 501)

        answer = batch(
            body,
            lambda item: catalog.make_variation(shop, parent, item),
            lambda item: self._change_variation(shop, parent, item),
            refuse,
        )
        self._news.product(shop, "updated", catalog.shown(shop, parent))
        return answer

    def _change_variation(self, shop: Shop, parent: Body, body: Body) -> Body:
        changed = catalog.change_variation(shop, parent, body)
        self._news.thing(shop, changed)
        return changed


def _as_product(variation: Body) -> Body:
    return variation | {"type": "variation", "name": variation["sku"], "images": [], "variations": []}
