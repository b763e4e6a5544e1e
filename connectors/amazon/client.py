"""Amazon's Selling Partner API, as far as the hub calls it; every operation has a limit of its own."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from connectors.amazon.schemas import (
    AmazonDestination,
    AmazonDestinationAnswer,
    AmazonDestinations,
    AmazonErrors,
    AmazonListing,
    AmazonListings,
    AmazonOrder,
    AmazonOrderAnswer,
    AmazonOrders,
    AmazonParticipation,
    AmazonParticipations,
    AmazonProductType,
    AmazonSource,
    AmazonSources,
    AmazonSubmission,
    AmazonSubscription,
    AmazonSubscriptions,
)
from connectors.amazon.tokens import Tokens
from connectors.errors import ItemReason, NotAuthorizedError
from connectors.kit.http import Answer, HttpClient
from connectors.kit.limits import Limiter, Reading

SKUS_AT_ONCE = 20
ORDER_PARTS = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES"
LISTING_PARTS = "summaries,attributes,issues,offers,fulfillmentAvailability"
SHIPPABLE = "UNSHIPPED,PARTIALLY_SHIPPED,SHIPPED,CANCELLED,UNFULFILLABLE"
"""Pending orders are not told: the buyer's payment is not settled, and neither price nor address is known."""

RATES: Mapping[str, tuple[float, float]] = {
    "searchOrders": (20, 0.0056),
    "getOrder": (30, 0.5),
    "confirmShipment": (10, 2),
    "searchListingsItems": (5, 5),
    "putListingsItem": (10, 5),
    "patchListingsItem": (5, 5),
    "deleteListingsItem": (5, 5),
    "getDefinitionsProductType": (10, 5),
    "notifications": (5, 1),
    "account": (15, 0.016),
    "supplySources": (1, 1),
}
"""Burst and calls a second, as documented with each operation, until an answer's header says otherwise."""


MARGIN = 0.5
"""Of each burst of listings, which come in floods: then Amazon's bucket stays half full, and calls may come as much too
early as too late before one is throttled, or a part of the rate lost."""


def reading(headers: Mapping[str, str]) -> Reading | None:
    """`x-amzn-RateLimit-Limit`: calls a second of this operation for this account."""
    try:
        return Reading(per_second=float(headers["x-amzn-ratelimit-limit"]) or None)
    except (KeyError, ValueError):
        return None


def reasons(body: bytes) -> tuple[ItemReason, ...]:
    """The codes of a refusal, LWA's too."""
    try:
        told = AmazonErrors.model_validate_json(body)
    except ValidationError:
        return ()
    codes = [*(each.code for each in told.errors), told.error]
    return tuple(ItemReason(code=code) for code in codes if code.replace("_", "").isalnum())


class AmazonClient:
    """One seller in one marketplace; source: https://developer-docs.amazon.com/sp-api."""

    def __init__(self, http: HttpClient, tokens: Tokens, grantless: Tokens, seller_id: str, marketplace: str) -> None:
        self._by_operation = {
            name: http.limited(Limiter(burst * (MARGIN if "Listings" in name else 1), rate))
            for name, (burst, rate) in RATES.items()
        }
        self._tokens = tokens
        self._grantless = grantless
        self._marketplace = marketplace
        self._listings = f"/listings/2021-08-01/items/{quote(seller_id, safe='')}"

    # ---- orders

    async def order(self, order_id: str) -> AmazonOrder:
        path = f"/orders/2026-01-01/orders/{quote(order_id, safe='')}"
        return (await self._read("getOrder", path, includedData=ORDER_PARTS)).read(AmazonOrderAnswer).order

    async def orders(self, *, since: str = "", token: str = "") -> AmazonOrders:
        """A page, oldest first; with a token everything else of the first question must be repeated."""
        query = {"marketplaceIds": self._marketplace, "fulfilledBy": "MERCHANT", "fulfillmentStatuses": SHIPPABLE}
        query |= {"lastUpdatedAfter": since, "includedData": ORDER_PARTS, "maxResultsPerPage": "100"}
        query |= {"paginationToken": token} if token else {}
        return (await self._read("searchOrders", "/orders/2026-01-01/orders", **query)).read(AmazonOrders)

    async def confirm_shipment(self, order_id: str, package: Mapping[str, Any]) -> None:
        """The same package reference again changes the package instead of adding one."""
        path = f"/orders/v0/orders/{quote(order_id, safe='')}/shipmentConfirmation"
        body = {"marketplaceId": self._marketplace, "packageDetail": package}
        await self._write("confirmShipment", "POST", path, json=body)

    # ---- listings

    async def listings(self, skus: Sequence[str]) -> dict[str, AmazonListing]:
        """Those of these SKUs that exist, 20 a call."""
        found: dict[str, AmazonListing] = {}
        for start in range(0, len(skus), SKUS_AT_ONCE):
            part = ",".join(skus[start : start + SKUS_AT_ONCE])
            page = await self._page(identifiers=part, identifiersType="SKU", includedData=LISTING_PARTS)
            found |= {listing.sku: listing for listing in page.items}
        return found

    async def listings_page(self, created_after: str, token: str) -> AmazonListings:
        """All listings in order of creation; Amazon pages through 1,000, from there `created_after` goes on."""
        query = {"sortBy": "createdDate", "sortOrder": "ASC", "includedData": "summaries,fulfillmentAvailability"}
        query |= {"createdAfter": created_after} if created_after else {}
        query |= {"pageToken": token} if token else {}
        return await self._page(**query)

    async def put_listing(self, sku: str, body: Mapping[str, Any], *, preview: bool = False) -> AmazonSubmission:
        query = {"mode": "VALIDATION_PREVIEW"} if preview else {}
        call = self._read_put if preview else self._put
        return (await call(sku, body, query)).read(AmazonSubmission)

    async def patch_listing(
        self, sku: str, product_type: str, patches: Iterable[Mapping[str, Any]]
    ) -> AmazonSubmission:
        body = {"productType": product_type or "PRODUCT", "patches": list(patches)}
        return (await self._write("patchListingsItem", "PATCH", self._item(sku), json=body, params=self._at())).read(
            AmazonSubmission
        )

    async def delete_listing(self, sku: str) -> AmazonSubmission:
        return (await self._write("deleteListingsItem", "DELETE", self._item(sku), params=self._at())).read(
            AmazonSubmission
        )

    async def product_type_schema(self, product_type: str) -> str:
        """The address of the JSON Schema; it holds a signature of its own and is fetched without a token."""
        path = f"/definitions/2020-09-01/productTypes/{quote(product_type, safe='')}"
        answer = await self._read("getDefinitionsProductType", path, marketplaceIds=self._marketplace)
        return answer.read(AmazonProductType).schema_link.link.resource

    # ---- account and notifications

    async def participations(self) -> tuple[AmazonParticipation, ...]:
        return (await self._read("account", "/sellers/v1/marketplaceParticipations")).read(AmazonParticipations).payload

    async def sources(self) -> tuple[AmazonSource, ...]:
        path = "/supplySources/2020-07-01/supplySources"
        return (await self._read("supplySources", path)).read(AmazonSources).supply_sources

    async def destinations(self) -> tuple[AmazonDestination, ...]:
        path = "/notifications/v1/destinations"
        answer = await self._call(self._grantless, self._by_operation["notifications"].read, "GET", path)
        return answer.read(AmazonDestinations).payload

    async def create_destination(self, name: str, arn: str) -> AmazonDestination:
        body = {"name": name, "resourceSpecification": {"sqs": {"arn": arn}}}
        write = self._by_operation["notifications"].write
        answer = await self._call(self._grantless, write, "POST", "/notifications/v1/destinations", json=body)
        return answer.read(AmazonDestinationAnswer).payload

    async def subscriptions(self, kind: str) -> tuple[AmazonSubscription, ...]:
        """Amazon takes one kind a call."""
        answer = await self._read("notifications", "/notifications/v1/subscriptions", notificationTypes=kind)
        return answer.read(AmazonSubscriptions).payload.subscriptions

    async def subscribe(self, kind: str, destination_id: str) -> None:
        body = {"payloadVersion": "1.0", "destinationId": destination_id}
        await self._write("notifications", "POST", f"/notifications/v1/subscriptions/{kind}", json=body)

    # ---- how

    def _item(self, sku: str) -> str:
        return f"{self._listings}/{quote(sku, safe='')}"

    def _at(self) -> dict[str, str]:
        return {"marketplaceIds": self._marketplace}

    async def _page(self, **query: str) -> AmazonListings:
        query = {"pageSize": "20", **self._at(), **query}
        return (await self._read("searchListingsItems", self._listings, **query)).read(AmazonListings)

    async def _put(self, sku: str, body: Mapping[str, Any], query: Mapping[str, str]) -> Answer:
        return await self._write("putListingsItem", "PUT", self._item(sku), json=body, params={**self._at(), **query})

    async def _read_put(self, sku: str, body: Mapping[str, Any], query: Mapping[str, str]) -> Answer:
        """A preview goes by the same verb and changes nothing."""
        http, params = self._by_operation["putListingsItem"], {**self._at(), **query}
        return await self._call(self._tokens, http.read, "PUT", self._item(sku), json=body, params=params)

    async def _read(self, operation: str, path: str, **query: str) -> Answer:
        return await self._call(self._tokens, self._by_operation[operation].read, "GET", path, params=query)

    async def _write(self, operation: str, method: str, path: str, **request: Any) -> Answer:
        return await self._call(self._tokens, self._by_operation[operation].write, method, path, **request)

    @staticmethod
    async def _call(
        tokens: Tokens, call: Callable[..., Awaitable[Answer]], method: str, path: str, **request: Any
    ) -> Answer:
        """Amazon answers 403 for a token that ran out early: a refused call did nothing, so a new token may try it."""
        token = await tokens.current()
        try:
            return await call(method, path, headers={"x-amz-access-token": token}, **request)
        except NotAuthorizedError:
            fresh = await tokens.current(instead_of=token)
            return await call(method, path, headers={"x-amz-access-token": fresh}, **request)
