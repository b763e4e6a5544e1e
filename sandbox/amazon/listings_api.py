"""Listings Items 2021-08-01 and Product Type Definitions, with Amazon's own delay between yes and seen."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from jsonschema import Draft201909Validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.amazon.account import Account, Json, Listing
from sandbox.amazon.gateway import PREFIX, Gateway, is_preview, refused
from sandbox.amazon.product_types import BY_VARIANT, schema_of

ITEMS = "/listings/2021-08-01/items/{seller}"
ITEM = ITEMS + "/{sku}"
MOST_ITEMS = 1000


class ListingsApi:
    def __init__(self, gateway: Gateway, account: Callable[[], Account], settle: Callable[[], None]) -> None:
        self._account = account
        self._settle = settle
        definition = "/definitions/2020-09-01/productTypes/{kind}"
        self.routes: list[BaseRoute] = [
            gateway.route("GET", ITEMS, "searchListingsItems", self._search),
            gateway.route("GET", ITEM, "getListingsItem", self._get),
            gateway.route("PUT", ITEM, "putListingsItem", self._put),
            gateway.route("PATCH", ITEM, "patchListingsItem", self._patch),
            gateway.route("DELETE", ITEM, "deleteListingsItem", self._delete),
            gateway.route("GET", definition, "getDefinitionsProductType", self._definition),
            Route(f"{PREFIX}/schemas/{{kind}}", self._schema),
        ]

    # ---- reads

    def _search(self, request: Request, _body: Any) -> Response:
        self._settle()
        query = request.query_params
        shown = sorted(self._account().shown().values(), key=lambda each: (each.created_at, each.sku))
        if query.get("identifiers"):
            wanted = query["identifiers"].split(",")
            if len(wanted) > 20:
                return refused(400, "InvalidInput", "identifiers takes 20 at most")
            shown = [each for each in shown if each.sku in wanted]
        if after := query.get("createdAfter"):
            shown = [each for each in shown if each.created_at > datetime.fromisoformat(after)]
        size = min(20, int(query.get("pageSize", 10)))
        start = int(query.get("pageToken") or 0)
        page = shown[start : start + size]
        answer: Json = {
            "numberOfResults": len(shown),
            "items": [self._item(each, query.get("includedData", "")) for each in page],
        }
        if start + size < min(len(shown), MOST_ITEMS):
            answer["pagination"] = {"nextToken": str(start + size)}
        return JSONResponse(answer)

    def _get(self, request: Request, _body: Any) -> Response:
        self._settle()
        listing = self._account().shown().get(request.path_params["sku"])
        if listing is None:
            return refused(404, "NOT_FOUND", "SKU not found")
        return JSONResponse(self._item(listing, request.query_params.get("includedData", "summaries")))

    def _item(self, listing: Listing, parts: str) -> Json:
        settings = self._account().settings
        market = {"marketplaceId": settings.marketplace_id}
        attributes = listing.attributes
        every: Json = {
            "summaries": [
                market | {
                    "asin": listing.asin, "productType": listing.product_type, "conditionType": "new_new",
                    "status": listing.status, "itemName": _value(attributes.get("item_name")),
                    "createdDate": listing.created_at.isoformat(), "lastUpdatedDate": listing.updated_at.isoformat(),
                } | _main_image(attributes)
            ],
            "attributes": attributes,
            "issues": _issues(listing.product_type, attributes, parent=_is_parent(attributes)),
            "offers": [market | offer for offer in _offers(attributes)] if listing.has_offer else [],
            "fulfillmentAvailability": [
                {"fulfillmentChannelCode": place["fulfillment_channel_code"], "quantity": place.get("quantity", 0)}
                for place in attributes.get("fulfillment_availability", ())
            ],
        }  # fmt: skip
        return {"sku": listing.sku} | {part: every[part] for part in parts.split(",") if part in every}

    # ---- writes

    def _put(self, request: Request, body: Any) -> Response:
        if not isinstance(body, dict) or not isinstance(body.get("attributes"), dict):
            return refused(400, "InvalidInput", "attributes are missing")
        kind, attributes = str(body.get("productType")), body["attributes"]
        return self._submit(request.path_params["sku"], kind, attributes, is_preview=is_preview(request))

    def _patch(self, request: Request, body: Any) -> Response:
        self._settle()
        sku = request.path_params["sku"]
        listing = self._account().listings.get(sku)
        if listing is None or listing.latest is None:
            return _submission(sku, "INVALID", [_issue("4000001", f"'{sku}' is not a listing of yours.", "")])
        attributes = dict(listing.latest)
        for patch in body["patches"]:
            name = patch["path"].removeprefix("/attributes/")
            if patch["op"] == "delete":
                attributes.pop(name, None)
            else:
                attributes[name] = patch["value"]
        return self._submit(sku, listing.product_type, attributes, is_preview=is_preview(request))

    def _submit(self, sku: str, kind: str, attributes: Json, *, is_preview: bool) -> Response:
        issues = _issues(kind, attributes, parent=_is_parent(attributes))
        if issues:
            return _submission(sku, "INVALID", issues)
        if is_preview:
            return _submission(sku, "VALID", [])
        self._account().submit(sku, kind, attributes)
        return _submission(sku, "ACCEPTED", [])

    def _delete(self, request: Request, _body: Any) -> Response:
        sku = request.path_params["sku"]
        self._account().submit(sku, "", None)
        return _submission(sku, "ACCEPTED", [])

    # ---- product types

    def _definition(self, request: Request, _body: Any) -> Response:
        kind = request.path_params["kind"]
        if schema_of(kind) is None:
            return refused(404, "NOT_FOUND", "The product type is not known")
        base = f"{request.url.scheme}://{request.url.netloc}{PREFIX}"
        link = {"link": {"resource": f"{base}/schemas/{kind}", "verb": "GET"}, "checksum": "c7af9479ca7261645cea9db5"}
        return JSONResponse({
            "metaSchema": link, "schema": link, "requirements": "LISTING", "requirementsEnforced": "ENFORCED",
            "propertyGroups": {}, "locale": "en_US", "marketplaceIds": [self._account().settings.marketplace_id],
            "productType": kind, "displayName": kind.title(),
            "productTypeVersion": {"version": "1", "latest": True, "releaseCandidate": False},
        })  # fmt: skip

    async def _schema(self, request: Request) -> Response:
        schema = schema_of(request.path_params["kind"])
        return JSONResponse(schema, 200 if schema else 404)


def _issues(kind: str, attributes: Json, *, parent: bool) -> list[Json]:
    schema = schema_of(kind)
    if schema is None:
        return [_issue("90244", f"'{kind}' is not a product type.", "product_type")]
    found = [
        _issue("90220" if error.validator == "required" else "90003", error.message[:200], _attribute(error))
        for error in Draft201909Validator(schema).iter_errors(attributes)
        if not (parent and error.validator == "required" and _attribute(error) in BY_VARIANT)
    ]
    quantities = [place.get("quantity") for place in attributes.get("fulfillment_availability", ())]
    if any(not isinstance(units, int) or units < 0 for units in quantities):
        found.append(_issue("90205", "quantity must be zero or more.", "fulfillment_availability"))
    if not parent and "purchasable_offer" not in attributes:
        found.append(_issue("90220", "'purchasable_offer' is required but not supplied.", "purchasable_offer"))
    return found


def _attribute(error: Any) -> str:
    """The attribute's name: of a missing one it stands only in the message."""
    return error.message.split("'")[1] if error.validator == "required" else str(next(iter(error.absolute_path), ""))


def _issue(code: str, message: str, attribute: str) -> Json:
    names = {"attributeNames": [attribute]} if attribute else {}
    return {"code": code, "message": message, "severity": "ERROR", "categories": ["INVALID_ATTRIBUTE"], **names}


def _submission(sku: str, status: str, issues: Iterable[Json]) -> Response:
    return JSONResponse({"sku": sku, "status": status, "submissionId": str(uuid.uuid4()), "issues": list(issues)})


def _is_parent(attributes: Json) -> bool:
    return _value(attributes.get("parentage_level")) == "parent"


def _value(attribute: Any) -> str:
    return str(attribute[0].get("value", "")) if attribute else ""


def _main_image(attributes: Json) -> Json:
    image = attributes.get("main_product_image_locator")
    return {"mainImage": {"link": image[0]["media_location"], "height": 1000, "width": 1000}} if image else {}


def _offers(attributes: Json) -> Iterable[Json]:
    for offer in attributes.get("purchasable_offer", ()):
        price = offer["our_price"][0]["schedule"][0]["value_with_tax"]
        yield {
            "offerType": "B2C",
            "price": {"currencyCode": offer["currency"], "amount": f"{price:.2f}"},
            "audience": {"value": "ALL"},
        }
