"""Webhooks of the simulated shop: documented bodies, signed as the platform signs them."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from uuid import uuid4

from sandbox.shopify.state import Body, Fulfillment, FulfillmentOrder, Level, Order, Product, Return, Shop, gid, now
from sandbox.webhooks import Delivery, Outbox

API_VERSION = "2026-10"


def enum_of(topic: str) -> str:
    """`orders/create` as the API's own word `ORDERS_CREATE`."""
    return topic.upper().replace("/", "_")


class News:
    """Tells subscribers of one shop what happened."""

    def __init__(self, shop: Shop, outbox: Outbox) -> None:
        self._shop = shop
        self._outbox = outbox

    def order(self, order: Order, *topics: str) -> None:
        """One event that several topics tell, each with the whole order."""
        event_id = str(uuid4())
        for topic in topics:
            self.tell(topic, order.body, event_id)
        self.moved()

    def moved(self) -> None:
        """The levels that orders have moved, and the products that were changed, since the last time."""
        for level in self._shop.moved.values():
            self.level(level)
        self._shop.moved.clear()
        for product in self._shop.touched.values():
            self.product(product)
        self._shop.touched.clear()

    def product(self, at: Product) -> None:
        """The whole product, or only the number of one that was deleted."""
        if at.id in self._shop.products:
            self.tell("products/update", product_body(self._shop, at))
        else:
            self.tell("products/delete", {"id": at.id})

    def fulfillment(self, done: Fulfillment, topic: str) -> None:
        body = fulfillment_body(done)
        kept = [other for other in done.order.body["fulfillments"] if other["id"] != done.id]
        done.order.body["fulfillments"] = [*kept, body]
        self.tell(topic, body)

    def hold(self, work_order: FulfillmentOrder, topic: str) -> None:
        body: Body = {"id": gid("FulfillmentOrder", work_order.id), "status": work_order.status.lower()}
        if work_order.holds:
            body["fulfillment_holds"] = [
                {
                    "id": gid("FulfillmentHold", held["id"]),
                    "reason": held["reason"].lower(),
                    "reason_notes": held["notes"],
                }
                for held in work_order.holds
            ]
        self.tell(topic, {"fulfillment_order": body})

    def returned(self, made: Return, topic: str) -> None:
        """As documented the bodies name the return, and never its lines."""
        body: Body = {"id": made.id, "admin_graphql_api_id": gid("Return", made.id), "status": made.status.lower()}
        if topic == "returns/close":
            body["order_id"] = made.order.id
        else:
            order = {"id": made.order.id, "admin_graphql_api_id": made.order.body["admin_graphql_api_id"]}
            body |= {"order": order, "name": None, "return_line_items": [], "total_return_line_items": len(made.lines)}
        self.tell(topic, body)

    def level(self, level: Level) -> None:
        body = {
            "inventory_item_id": level.item_id,
            "location_id": level.location_id,
            "available": level.available,
            "updated_at": now(),
            "admin_graphql_api_id": f"{gid('InventoryLevel', level.location_id)}?inventory_item_id={level.item_id}",
        }
        self.tell("inventory_levels/update", body)

    def risk(self, order: Order) -> None:
        body = {
            "order_id": order.id,
            "admin_graphql_api_order_id": order.body["admin_graphql_api_id"],
            "risk_level": order.risk.lower(),
            "created_at": now(),
        }
        self.tell("orders/risk_assessment_changed", body)

    def tell(self, topic: str, body: Body, event_id: str | None = None) -> None:
        wanted = enum_of(topic)
        urls = [subscription.uri for subscription in self._shop.subscriptions.values() if subscription.topic == wanted]
        if urls:
            self.send(topic, json.dumps(body).encode(), urls, event_id)

    def send(self, topic: str, raw: bytes, urls: list[str], event_id: str | None = None) -> None:
        """Deliver these very bytes, signed; retries and copies carry the same ids."""
        signature = base64.b64encode(hmac.digest(self._shop.secret.encode(), raw, hashlib.sha256)).decode()
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-SHA256": signature,
            "X-Shopify-Shop-Domain": self._shop.domain,
            "X-Shopify-API-Version": API_VERSION,
            "X-Shopify-Webhook-Id": str(uuid4()),
            "X-Shopify-Event-Id": event_id or str(uuid4()),
            "X-Shopify-Triggered-At": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        for url in urls:
            self._outbox.send(Delivery("shopify", topic, url, headers, raw))


def product_body(shop: Shop, at: Product) -> Body:
    """In the words of the REST API, which webhooks still speak; its text says nothing of currencies."""
    body = at.body
    return {
        "id": at.id,
        "admin_graphql_api_id": gid("Product", at.id),
        "title": body["title"],
        "body_html": body["descriptionHtml"],
        "vendor": body["vendor"],
        "product_type": body["productType"],
        "handle": body["handle"],
        "tags": ", ".join(body["tags"]),
        "status": at.status.lower(),
        "updated_at": at.updated_at,
        "variants": [
            {
                "id": one.id,
                "admin_graphql_api_id": gid("ProductVariant", one.id),
                "product_id": at.id,
                "sku": one.sku,
                "price": one.price,
                "compare_at_price": one.compare_at,
                "barcode": one.barcode,
            }
            for one in (shop.variants[number] for number in at.variants)
        ],
    }


def fulfillment_body(done: Fulfillment) -> Body:
    numbers = [info["number"] for info in done.tracking if info["number"]]
    urls = [info["url"] for info in done.tracking if info["url"]]
    return {
        "id": done.id,
        "admin_graphql_api_id": gid("Fulfillment", done.id),
        "order_id": done.order.id,
        "name": done.name,
        "status": done.status.lower(),
        "created_at": done.created_at,
        "updated_at": done.updated_at,
        "location_id": done.location_id,
        "tracking_company": next((info["company"] for info in done.tracking), None),
        "tracking_number": next(iter(numbers), None),
        "tracking_numbers": numbers,
        "tracking_url": next(iter(urls), None),
        "tracking_urls": urls,
        "line_items": [{**line, "quantity": units} for line, units in done.lines],
    }
