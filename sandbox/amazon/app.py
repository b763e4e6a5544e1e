"""The simulated Amazon as one platform of the sandbox."""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.amazon.account import Account, Json
from sandbox.amazon.account_api import AccountApi
from sandbox.amazon.control import control
from sandbox.amazon.gateway import PREFIX, Gateway
from sandbox.amazon.listings_api import ListingsApi
from sandbox.amazon.orders_api import OrdersApi
from sandbox.amazon.queue import Queue
from sandbox.faults import Faults
from sandbox.webhooks import Outbox

STATUSES = {
    "PENDING_AVAILABILITY": "PendingAvailability", "PENDING": "Pending", "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped", "SHIPPED": "Shipped", "CANCELLED": "Canceled",
    "UNFULFILLABLE": "Unfulfillable",
}  # fmt: skip
"""The notifications still speak of orders in v0's words."""


class Amazon:
    """Base address `<sandbox>/amazon`, queue `<sandbox>/amazon/queue`, buyers' pages `<sandbox>/amazon/dp/<sku>`."""

    name = "amazon"

    def __init__(self, faults: Faults) -> None:
        self.account = Account()
        self.queue = Queue(faults, self.account)
        self.gateway = Gateway(faults, lambda: self.account)
        self.control = control(lambda: self.account, self.settle, self._changed)
        self.routes: list[BaseRoute] = [
            *ListingsApi(self.gateway, lambda: self.account, self.settle).routes,
            *OrdersApi(self.gateway, lambda: self.account, self._changed).routes,
            *AccountApi(self.gateway, lambda: self.account).routes,
            Route(f"{PREFIX}/queue", self._serve_queue, methods=["POST"]),
            Route(f"{PREFIX}/dp/{{sku}}", self._page),
        ]

    def reset(self) -> None:
        self.account = self.queue.account = Account()
        self.queue.messages.clear()
        self.gateway.buckets.clear()
        self.gateway.throttled = 0

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        return self.account.committed

    def settle(self) -> None:
        """What is due takes effect, and Amazon tells of it."""
        for listing in self.account.settle():
            seller = self.account.settings.seller_id
            status = {"SellerId": seller, "MarketplaceId": self.account.settings.marketplace_id, "Asin": listing.asin}
            moment = {"CreatedDate": listing.created_at.isoformat(), "Sku": listing.sku, "Status": listing.status}
            self.queue.notify("LISTINGS_ITEM_STATUS_CHANGE", status | moment)
            quantity = {"FulfillmentChannelCode": "DEFAULT", "Sku": listing.sku, "Quantity": listing.quantity}
            self.queue.notify("LISTINGS_ITEM_MFN_QUANTITY_CHANGE", {"SellerId": seller} | quantity)

    def _changed(self, order: Json, kind: str) -> None:
        """The order moves on; the notification names it and no more."""
        order["lastUpdatedTime"] = datetime.now(UTC).isoformat()
        change = {
            "NotificationLevel": "OrderLevel",
            "SellerId": self.account.settings.seller_id,
            "AmazonOrderId": order["orderId"],
            "OrderChangeType": kind,
            "OrderChangeTrigger": {"TimeOfOrderChange": order["lastUpdatedTime"], "ChangeReason": "Unspecified"},
            "Summary": self._summary(order),
        }
        self.queue.notify("ORDER_CHANGE", {"OrderChangeNotification": change})

    def _summary(self, order: Json) -> Json:
        return {
            "MarketplaceId": self.account.settings.marketplace_id,
            "OrderStatus": STATUSES[order["fulfillment"]["fulfillmentStatus"]],
            "PurchaseDate": order["createdTime"],
            "DestinationPostalCode": order["recipient"]["deliveryAddress"].get("postalCode", ""),
            "FulfillmentType": "MFN",
            "OrderType": "StandardOrder",
            "OrderItems": [
                {
                    "OrderItemId": item["orderItemId"],
                    "SellerSKU": item["product"]["sellerSku"],
                    "SupplySourceId": "",
                    "Quantity": item["quantityOrdered"],
                }
                for item in order["orderItems"]
            ],
        }

    async def _serve_queue(self, request: Request) -> Response:
        self.settle()
        return await self.queue.serve(request)

    async def _page(self, request: Request) -> Response:
        """What a shopper gets: nothing but a 404 as long as there is no running offer."""
        self.settle()
        listing = self.account.shown().get(request.path_params["sku"])
        if listing is None or not listing.status:
            return JSONResponse({"title": "Page Not Found"}, 404)
        attributes = listing.attributes
        return JSONResponse(
            {
                "asin": listing.asin,
                "title": attributes["item_name"][0]["value"],
                "offer": attributes["purchasable_offer"],
                "is_buyable": "BUYABLE" in listing.status,
            }
        )


def platform(faults: Faults, _outbox: Outbox) -> Amazon:
    return Amazon(faults)
