"""What tests and the demo may do in the simulated marketplace: buy, change, break, look."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict

from sandbox.amazon.account import Account, Json, Listing, Settings


class BoughtLine(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: str
    quantity: int = 1
    price: Decimal = Decimal("10.00")


class Purchase(BaseModel):
    """A buyer's order; `pending`: the payment is not settled yet."""

    model_config = ConfigDict(extra="forbid")

    lines: tuple[BoughtLine, ...]
    order_id: str = ""
    pending: bool = False
    buyer: Json = {"buyerName": "Ada Example", "buyerEmail": "ada@example.com"}
    address: Json = {
        "name": "Ada Example", "addressLine1": "1 Test St", "city": "Springfield", "stateOrRegion": "IL",
        "postalCode": "62701", "countryCode": "US", "phone": "+1 555 0100",
    }  # fmt: skip


class SeededListing(BaseModel):
    """A listing that is there already, without any call."""

    model_config = ConfigDict(extra="forbid")

    sku: str
    product_type: str = "PRODUCT"
    quantity: int = 0
    attributes: Json = {}


class Edit(BaseModel):
    """Somebody changes a listing in Seller Central."""

    model_config = ConfigDict(extra="forbid")

    attribute: str
    value: Any


Change = Literal["settle_payment", "cancel", "ask_to_cancel"]


def control(
    account: Callable[[], Account], settle: Callable[[], None], changed: Callable[[Json, str], None]
) -> APIRouter:
    router = APIRouter()

    @router.get("/settings")
    async def settings() -> Settings:
        return account().settings

    @router.post("/settings")
    async def change(changes: Settings) -> Settings:
        """Change the settings that are named."""
        named = {name: getattr(changes, name) for name in changes.model_fields_set}
        account().settings = account().settings.model_copy(update=named)
        return account().settings

    router.include_router(_listings(account, settle))
    router.include_router(_orders(account, settle, changed))
    return router


def _listings(account: Callable[[], Account], settle: Callable[[], None]) -> APIRouter:
    router = APIRouter(prefix="/listings")

    @router.post("")
    async def seed(listings: list[SeededListing]) -> None:
        for each in listings:
            account().listings[each.sku] = _seeded(account(), each)

    @router.get("")
    async def listings() -> dict[str, Json]:
        """Every listing in effect: attributes, status, quantity."""
        settle()
        return {
            sku: {"attributes": one.attributes, "status": one.status, "quantity": one.quantity, "asin": one.asin}
            for sku, one in account().shown().items()
        }

    @router.post("/{sku}/edit")
    async def edit(sku: str, edit: Edit) -> None:
        settle()
        listing = account().shown().get(sku)
        if listing is None:
            raise HTTPException(404, "no such listing")
        listing.attributes = {**listing.attributes, edit.attribute: edit.value}
        listing.updated_at = datetime.now(UTC)

    return router


def _orders(
    account: Callable[[], Account], settle: Callable[[], None], changed: Callable[[Json, str], None]
) -> APIRouter:
    router = APIRouter(prefix="/orders")

    @router.post("")
    async def buy(purchase: Purchase) -> Json:
        """A sale lowers the listing's quantity, as at Amazon."""
        settle()
        order = _order(account(), purchase)
        account().orders[order["orderId"]] = order
        for line in purchase.lines:
            _take(account(), line)
        changed(order, "OrderStatusChange")
        return order

    @router.get("")
    async def orders() -> list[Json]:
        return list(account().orders.values())

    @router.post("/{order_id}/{what}")
    async def change_order(order_id: str, what: Change) -> Json:
        order = account().orders.get(order_id)
        if order is None:
            raise HTTPException(404, "no such order")
        match what:
            case "settle_payment":
                order["fulfillment"]["fulfillmentStatus"] = "UNSHIPPED"
            case "cancel":
                order["fulfillment"]["fulfillmentStatus"] = "CANCELLED"
            case "ask_to_cancel":
                for item in order["orderItems"]:
                    item["cancellation"] = {"cancellationRequest": {"requester": "BUYER"}}
        changed(order, "BuyerRequestedChange" if what == "ask_to_cancel" else "OrderStatusChange")
        return order

    return router


def _seeded(account: Account, given: SeededListing) -> Listing:
    now = datetime.now(UTC)
    place = [{"fulfillment_channel_code": "DEFAULT", "quantity": given.quantity}]
    attributes = {**_basics(given.sku), **given.attributes, "fulfillment_availability": place}
    asin = f"B0{next(account.ids):08d}"
    return Listing(given.sku, given.product_type, asin, now, now, attributes, is_in_effect=True)


def _basics(sku: str) -> Json:
    texts = {
        name: [{"value": f"{sku} {name}"[:40]}]
        for name in ("item_name", "brand", "product_description", "bullet_point")
    }
    price = {"audience": "ALL", "currency": "USD", "our_price": [{"schedule": [{"value_with_tax": 10.0}]}]}
    return {**texts, "purchasable_offer": [price]}


def _order(account: Account, purchase: Purchase) -> Json:
    number = next(account.ids)
    now = datetime.now(UTC).isoformat()
    currency = account.settings.currency
    total = sum((line.price * line.quantity for line in purchase.lines), Decimal(0))

    def amount(value: Decimal) -> Json:
        return {"amount": f"{value:.2f}", "currencyCode": currency}

    return {
        "orderId": purchase.order_id or f"111-{number:07d}-{number:07d}",
        "createdTime": now,
        "lastUpdatedTime": now,
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": account.settings.marketplace_id,
            "marketplaceName": "Amazon.com",
        },
        "buyer": purchase.buyer,
        "recipient": {"deliveryAddress": purchase.address},
        "proceeds": {"grandTotal": amount(total), "breakdowns": [{"type": "ITEM", "subtotal": amount(total)}]},
        "fulfillment": {
            "fulfillmentStatus": "PENDING" if purchase.pending else "UNSHIPPED",
            "fulfilledBy": "MERCHANT",
            "fulfillmentServiceLevel": "STANDARD",
        },
        "packages": [],
        "orderItems": [
            {
                "orderItemId": f"{number}{position:02d}",
                "quantityOrdered": line.quantity,
                "product": {"sellerSku": line.sku, "title": line.sku, "price": {"unitPrice": amount(line.price)}},
                "proceeds": {
                    "proceedsTotal": amount(line.price * line.quantity),
                    "breakdowns": [{"type": "ITEM", "subtotal": amount(line.price * line.quantity)}],
                },
                "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": line.quantity},
            }
            for position, line in enumerate(purchase.lines, start=1)
        ],
    }


def _take(account: Account, line: BoughtLine) -> None:
    listing = account.shown().get(line.sku)
    if listing is not None:
        place, *others = listing.attributes.get("fulfillment_availability") or [{"quantity": 0}]
        left = max(0, int(place.get("quantity") or 0) - line.quantity)
        listing.attributes = {**listing.attributes, "fulfillment_availability": [{**place, "quantity": left}, *others]}
