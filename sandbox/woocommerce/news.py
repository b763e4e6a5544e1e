"""Webhooks of a simulated shop: signed, sent once, and switched off after five failures in a row."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlsplit

from sandbox.webhooks import Delivery, Outbox
from sandbox.woocommerce.gateway import NAME
from sandbox.woocommerce.state import DISABLED_AFTER, Body, Shop, now


class News:
    """WooCommerce retries nothing: what fails is lost, and counted."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def order(self, shop: Shop, event: str, order: Body) -> None:
        self.tell(shop, f"order.{event}", json.dumps(order).encode())

    def product(self, shop: Shop, event: str, product: Body) -> None:
        self.tell(shop, f"product.{event}", json.dumps(product).encode())

    def thing(self, shop: Shop, thing: Body) -> None:
        """A product or a variation changed: both are told as products, a variation with its parent."""
        kind = {"type": "variation", "name": thing["sku"]} if thing.get("parent_id") else {}
        self.product(shop, "updated", thing | kind)

    def tell(self, shop: Shop, topic: str, body: bytes) -> None:
        """To every active webhook of the topic."""
        for webhook in list(shop.webhooks.values()):
            if webhook["status"] == "active" and webhook["topic"] == topic:
                self._send(shop, webhook, self._headers(shop, webhook, body), body)

    def ping(self, shop: Shop, webhook: Body) -> None:
        """A new webhook is tried out: a form with its id, without topic and signature."""
        self._send(
            shop, webhook, {"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=%d" % webhook["id"]
        )

    @staticmethod
    def _headers(shop: Shop, webhook: Body, body: bytes) -> dict[str, str]:
        """The delivery id is a hash of webhook and second: two events of one second share it."""
        resource, _, event = webhook["topic"].partition(".")
        signature = base64.b64encode(hmac.digest(webhook["secret"].encode(), body, "sha256")).decode()
        return {
            "content-type": "application/json",
            "x-wc-webhook-source": f"https://{shop.name}.example/",
            "x-wc-webhook-topic": webhook["topic"],
            "x-wc-webhook-resource": resource,
            "x-wc-webhook-event": event,
            "x-wc-webhook-signature": signature,
            "x-wc-webhook-id": str(webhook["id"]),
            "x-wc-webhook-delivery-id": hashlib.md5(
                f"{webhook['id']}{now()}".encode(), usedforsecurity=False
            ).hexdigest(),
        }

    def _send(self, shop: Shop, webhook: Body, headers: dict[str, str], body: bytes) -> None:
        def told(*, has_arrived: bool) -> None:
            webhook["failure_count"] = 0 if has_arrived else webhook["failure_count"] + 1
            if webhook["failure_count"] >= DISABLED_AFTER and webhook["status"] == "active":
                webhook["status"] = "disabled"
                shop.commit("webhook_disabled", webhook["topic"])

        url = webhook["delivery_url"]
        if urlsplit(url).scheme in {"http", "https"}:
            self._outbox.send(Delivery(NAME, webhook["topic"], url, headers, body, is_retried=False, told=told))
