"""`Stripe-Signature`: a signed time and one or more signatures, several while a secret is being rolled."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from connectors.errors import ForgedDeliveryError

TOLERANCE = timedelta(minutes=5)


def sign(body: bytes, secret: str, at: int) -> str:
    """Hexadecimal HMAC-SHA256 over time and body; source: https://docs.stripe.com/webhooks#verify-manually."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def verify(header: str, body: bytes, secrets: Iterable[str], now: datetime) -> None:
    """ForgedDeliveryError unless one of the secrets signed these bytes at most five minutes ago (or ahead)."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    at = _time(next((value for name, _, value in parts if name == "t"), ""))
    given = [value.encode() for name, _, value in parts if name == "v1"]
    if at is None or not given:
        raise ForgedDeliveryError("a webhook was not signed by a known secret", "the signature is malformed")
    expected = [sign(body, secret, at).encode() for secret in secrets if secret]
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(matches):
        raise ForgedDeliveryError("a webhook was not signed by a known secret", f"{len(expected)} secrets tried")
    if abs(now - datetime.fromtimestamp(at, UTC)) > TOLERANCE:
        raise ForgedDeliveryError("a webhook was signed too long ago", "the signed time is more than 5 minutes off")


def _time(text: str) -> int | None:
    try:
        at = int(text)
        datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at
