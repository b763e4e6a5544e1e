"""Webhook signatures over raw bytes, with more than one secret while a secret is being changed."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from standardwebhooks import Webhook, WebhookVerificationError

from connectors.errors import ForgedDeliveryError


def body_id(body: bytes) -> str:
    """Stands in for an event id where the platform sends none: the same bytes are the same event."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def sign_hmac(body: bytes, secret: str) -> str:
    """Base64 of HMAC-SHA256 over the raw body, as Shopify and WooCommerce send it."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def verify_hmac(body: bytes, signature: str, secrets: Iterable[str]) -> None:
    """ForgedDeliveryError unless one of the secrets signed these bytes; compared in constant time, all of them."""
    given = signature.encode()
    matches = [hmac.compare_digest(sign_hmac(body, secret).encode(), given) for secret in secrets if secret]
    if not any(matches):
        raise ForgedDeliveryError("a webhook was not signed by a known secret", f"{len(matches)} secrets tried")


def verify_standard(headers: Mapping[str, str], body: bytes, secrets: Iterable[str]) -> None:
    """The same for Standard Webhooks; the signed time may be five minutes off at most.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    complaint = "no secret is set"
    for secret in filter(None, secrets):
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except WebhookVerificationError as refused:
            complaint = str(refused)
        except (ValueError, RuntimeError):  # the library splits and decodes what the sender wrote without a net
            complaint = "the signature is malformed"
        else:
            return
    raise ForgedDeliveryError("a webhook was not signed by a known secret", complaint)
