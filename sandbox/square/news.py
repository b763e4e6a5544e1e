"""Webhooks of the simulated account: signed over the address and the body."""

import base64
import hmac
import json
import uuid
from collections.abc import Callable

from sandbox.square.gateway import NAME
from sandbox.square.state import Account, Body, now
from sandbox.webhooks import Delivery, Outbox


class News:
    def __init__(self, outbox: Outbox, account: Callable[[], Account]) -> None:
        self._outbox = outbox
        self._account = account

    def count(self, count: Body) -> None:
        told = {"type": "inventory_counts", "id": str(uuid.uuid4()), "object": {"inventory_counts": [dict(count)]}}
        self._tell("inventory.count.updated", told)

    def order(self, order: Body, event: str) -> None:
        """An event only names the order."""
        named = {key: order.get(key) for key in ("location_id", "state", "version", "created_at", "updated_at")}
        told = {
            "type": f"order_{event}",
            "id": order["id"],
            "object": {f"order_{event}": {"order_id": order["id"], **named}},
        }
        self._tell(f"order.{event}", told)

    def _tell(self, kind: str, data: Body) -> None:
        account = self._account()
        wanted = [one for one in account.subscriptions.values() if one["enabled"] and kind in one["event_types"]]
        event = {
            "merchant_id": account.merchant_id,
            "type": kind,
            "event_id": str(uuid.uuid4()),
            "created_at": now(),
            "data": data,
        }
        body = json.dumps(event).encode()
        for one in wanted:
            signature = hmac.digest(one["signature_key"].encode(), one["notification_url"].encode() + body, "sha256")
            headers = {
                "content-type": "application/json",
                "x-square-hmacsha256-signature": base64.b64encode(signature).decode(),
            }
            self._outbox.send(Delivery(NAME, kind, one["notification_url"], headers, body))
