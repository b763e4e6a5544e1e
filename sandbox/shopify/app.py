"""The simulated Shopify: the Admin API's one endpoint per shop, and the parts that the sandbox mounts."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.faults import FaultKind, Faults, Refusals
from sandbox.shopify import storefront
from sandbox.shopify.call import Call
from sandbox.shopify.control import control
from sandbox.shopify.execution import Prepared, as_json, prepare, run
from sandbox.shopify.news import API_VERSION, News
from sandbox.shopify.state import Shop
from sandbox.webhooks import Outbox

NAME = "shopify"
NAMED = re.compile(r"gid://shopify/(Order|FulfillmentOrder)/(\d+)")


class Shopify:
    """All shops of the simulated platform."""

    name = NAME

    def __init__(self, faults: Faults, outbox: Outbox) -> None:
        self._faults = faults
        self._outbox = outbox
        self._shops: dict[str, Shop] = {}
        self.routes: list[BaseRoute] = [
            Route(f"/{NAME}/{{shop}}/admin/api/{API_VERSION}/graphql.json", self._graphql, methods=["POST"]),
            Route(f"/{NAME}/{{shop}}/api/{API_VERSION}/graphql.json", self._storefront, methods=["POST"]),
        ]
        self.control: APIRouter = control(self._shops, outbox)

    def reset(self) -> None:
        self._shops.clear()

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        """References are prefixed with the shop's name: the platform is one, merchants are many."""
        total: dict[str, dict[str, int]] = {}
        for shop in self._shops.values():
            for kind, references in shop.committed.items():
                total.setdefault(kind, {}).update({f"{shop.name}:{key}": times for key, times in references.items()})
        return total

    async def _graphql(self, request: Request) -> Response:
        shop = self._shops.get(request.path_params["shop"])
        if shop is None:
            return JSONResponse({"errors": "Not Found"}, 404)
        if request.headers.get("X-Shopify-Access-Token") != shop.token:
            return _unauthorized()
        try:
            asked = await request.json()
            text, variables = asked["query"], asked.get("variables")
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        prepared = prepare(text)
        if not isinstance(prepared, Prepared):
            return JSONResponse({"errors": [error.formatted for error in prepared]})

        async def answer() -> Response:
            return self._answer(shop, prepared, variables)

        refusals = Refusals(lambda seconds: _throttled(shop, prepared, seconds), _failed, _unauthorized)
        return await self._faults.serve(NAME, prepared.operation, answer, refusals)

    async def _storefront(self, request: Request) -> Response:
        shop = self._shops.get(request.path_params["shop"])
        if shop is None:
            return JSONResponse({"errors": "Not Found"}, 404)

        self._faults.meter.note(NAME, shop.name, "storefront", reads=True)

        async def answer() -> Response:
            return await storefront.answer(shop, request)

        refusals = Refusals(lambda _: JSONResponse({"errors": "Too Many Requests"}, 430), _failed, _unauthorized)
        return await self._faults.serve(NAME, "storefront", answer, refusals)

    def _answer(self, shop: Shop, prepared: Prepared, variables: dict[str, object] | None) -> Response:
        takes = shop.bucket.take(prepared.cost)
        self._faults.meter.note(
            NAME, shop.name, prepared.operation, reads=not prepared.is_mutation,
            points=prepared.cost if takes else 0, throttled=not takes,
        )  # fmt: skip
        if not takes:
            return _throttled(shop, prepared, None)
        is_stale = False
        if any(fault.kind == FaultKind.STALE_OBJECT for fault in self._faults.plan.faults):
            is_stale = bool(self._faults.strike(NAME, prepared.operation, FaultKind.STALE_OBJECT))
            if prepared.is_mutation and not is_stale:
                _remember(shop, variables)
        news = News(shop, self._outbox)
        result = run(prepared, variables, Call(shop, news, is_stale))
        news.moved()
        body = as_json(result, shop.bucket.cost(prepared.cost, prepared.cost))
        return Response(body, media_type="application/json")


def _remember(shop: Shop, variables: object) -> None:
    """Keep what the orders named in a write look like before it, for reads that are to be stale."""
    for kind, key in NAMED.findall(json.dumps(variables)):
        work = shop.fulfillment_orders.get(int(key))
        order = shop.orders.get(int(key)) if kind == "Order" else work.order if work else None
        if order is not None:
            order.earlier = None
            order.earlier = deepcopy(order)


def _throttled(shop: Shop, prepared: Prepared, seconds: float | None) -> Response:
    """The platform throttles inside a 200; `seconds` words an injected wait through the restore rate."""
    cost = shop.bucket.cost(prepared.cost, None)
    if seconds is not None:
        known = replace(shop.bucket, available=0, restore_rate=max(prepared.cost / max(seconds, 0.001), 0.001))
        cost = known.cost(prepared.cost, None)
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": "rate limits"}}
    return Response(json.dumps({"errors": [error], "extensions": {"cost": cost}}), media_type="application/json")


def _failed() -> Response:
    return JSONResponse({"errors": "Bad Gateway"}, 502)


def _unauthorized() -> Response:
    text = "[API] Invalid API key or access token (unrecognized login or wrong password)"
    return JSONResponse({"errors": text}, 401)


def platform(faults: Faults, outbox: Outbox) -> Shopify:
    return Shopify(faults, outbox)
