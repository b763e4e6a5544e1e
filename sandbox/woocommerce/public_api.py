"""What everybody sees: the Store API, which needs no key and shows published products only."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.woocommerce.gateway import Gateway, numbers, page
from sandbox.woocommerce.state import Body, Shop

DECIMALS = {"JPY": 0, "KRW": 0, "KWD": 3}


class PublicApi:
    def __init__(self, gateway: Gateway) -> None:
        self.routes = [gateway.public("/products", "store.products", self.products)]

    def products(self, shop: Shop, request: Request, _body: Any) -> Response:
        """Drafts are not there, nor are the variations of one."""
        live = {body["id"]: body for body in shop.products.values() if body["status"] == "publish"}
        if request.query_params.get("type") == "variation":
            found = [
                _public(shop, body, live[body["parent_id"]], "variation")
                for body in shop.variations.values()
                if body["parent_id"] in live and body["status"] == "publish"
            ]
        else:
            found = [_public(shop, body, body, body["type"]) for body in live.values()]
        for name, key in (("include", "id"), ("parent", "parent")):
            if (wanted := numbers(request, name)) is not None:
                found = [body for body in found if body[key] in wanted]
        if skus := request.query_params.get("sku"):
            found = [body for body in found if body["sku"] in skus.split(",")]
        return page(request, found)


def _public(shop: Shop, body: Body, product: Body, kind: str) -> Body:
    variations = shop.of_parent(body["id"]) if kind == "variable" else []
    prices = [float(one["price"]) for one in variations if one["price"]] or [float(body["price"] or 0)]
    places = DECIMALS.get(shop.currency, 2)
    price = str(round(min(prices) * 10**places))
    shelves = variations or [body]
    return {
        "id": body["id"],
        "name": product["name"],
        "slug": product["slug"],
        "parent": product["id"] if kind == "variation" else 0,
        "type": kind,
        "permalink": product["permalink"],
        "sku": body["sku"],
        "description": product["description"],
        "short_description": product["short_description"],
        "on_sale": body["on_sale"],
        "prices": {"price": price, "regular_price": price, "sale_price": price, "currency_code": shop.currency,
                   "currency_minor_unit": places, "price_range": None},
        "images": [{"id": image["id"], "src": image["src"], "alt": image["alt"]} for image in product["images"]],
        "variations": [{"id": one["id"], "attributes": one["attributes"]} for one in variations],
        "has_options": bool(variations),
        "is_purchasable": any(one["purchasable"] for one in shelves),
        "is_in_stock": any(one["stock_status"] == "instock" for one in shelves),
    }  # fmt: skip
