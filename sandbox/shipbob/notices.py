"""Webhook subscriptions of the simulated account, and the signed deliveries that they cause."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from sandbox.shipbob.store import Json, Store, now
from sandbox.webhooks import Delivery, Outbox

TOPICS = frozenset({
    "order.shipped", "order.shipment.delivered", "order.shipment.exception", "order.shipment.on_hold",
    "order.shipment.cancelled", "return.created", "return.updated", "return.completed", "billing.charge.created",
    "billing.refund.created", "billing.credit.created",
})  # fmt: skip


class Notices:
    """Signs with Standard Webhooks; the id stays the same over retries, since they send the same bytes."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def subscribe(self, store: Store, body: Any) -> Json | str:
        """The subscription with its secret, or what is wrong with the request."""
        if not isinstance(body, dict) or not str(body.get("url", "")).startswith(
            ("https://", "http://127.0.0.1", "http://localhost")
        ):
            return "The url must be an HTTPS address."
        if not isinstance(body.get("topics"), list) or not body["topics"] or not TOPICS.issuperset(body["topics"]):
            return "The topics are not valid."
        number = next(store.ids)
        secret = body.get("secret") or "whsec_" + base64.b64encode(f"{number:024}".encode()).decode()
        try:
            Webhook(secret)
        except Exception:  # noqa: BLE001 - the library raises classes that it does not export
            return "The secret is not valid."
        subscription = {
            "id": f"sub_{number}",
            "url": body["url"],
            "topics": body["topics"],
            "description": body.get("description"),
            "created_at": now(),
            "enabled": True,
            "secret": secret,
        }
        store.subscriptions[subscription["id"]] = subscription
        store.committed["subscriptions"][subscription["url"]] += 1
        return subscription

    def tell(self, store: Store, topic: str, subject: Json) -> None:
        """Send a shipment as it is now to everyone who subscribed to the topic."""
        wanted = [one for one in store.subscriptions.values() if one["enabled"] and topic in one["topics"]]
        if not wanted:
            return
        body, at = json.dumps(subject), datetime.now(UTC)
        for subscription in wanted:
            event_id = f"msg_{next(store.ids)}"
            headers = {
                "content-type": "application/json",
                "webhook-id": event_id,
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": Webhook(subscription["secret"]).sign(event_id, at, body),
                "x-webhook-topic": topic,
            }
            self._outbox.send(Delivery("shipbob", topic, subscription["url"], headers, body.encode()))
