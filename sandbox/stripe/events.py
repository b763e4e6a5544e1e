"""Events of the simulated account, signed as Stripe signs them."""

import hashlib
import hmac
import json
from collections.abc import Sequence

from sandbox.stripe.state import Account, Body, now
from sandbox.webhooks import Delivery, Outbox


class Events:
    """Tells every endpoint what happened; a retry sends the same bytes, and so the same id."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def tell(self, account: Account, kind: str, subject: Body) -> None:
        body = {
            "id": account.new_id("evt"),
            "object": "event",
            "api_version": "2024-06-20",
            "created": now(),
            "data": {"object": subject},
            "livemode": False,
            "pending_webhooks": len(account.endpoints),
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        raw = json.dumps(body).encode()
        for endpoint in account.endpoints:
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(raw, endpoint.secrets, now()),
            }
            self._outbox.send(Delivery("stripe", kind, endpoint.url, headers, raw))


def signature(raw: bytes, secrets: Sequence[str], at: int) -> str:
    """One `v1` for each secret that is valid now."""
    signed = f"{at}.".encode() + raw
    marks = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)])
