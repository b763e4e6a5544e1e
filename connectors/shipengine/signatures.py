"""ShipEngine signs webhooks with RSA: time, a dot and the body, by a key of its published set.

Source: https://docs.shipstation.com/apis/docs/guides/webhooks-validation
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from connectors.errors import ForgedDeliveryError

TOLERANCE = timedelta(minutes=5)
TIME: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class Key(BaseModel):
    """A public RSA key, as RFC 7517 writes it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kid: str
    n: str
    e: str

    def public(self) -> RSAPublicKey:
        """ValueError if it is none."""
        return RSAPublicNumbers(_number(self.e), _number(self.n)).public_key()


class KeySet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    keys: tuple[Key, ...]


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def verify(headers: Mapping[str, str], body: bytes, keys: Mapping[str, RSAPublicKey], now: datetime) -> None:
    """ForgedDeliveryError unless the named key signed these bytes at most five minutes ago (or ahead)."""
    key = keys.get(headers.get("x-shipengine-rsa-sha256-key-id", ""))
    if key is None:
        raise ForgedDeliveryError("a webhook was not signed by a known key", f"{len(keys)} keys are known")
    at = headers.get("x-shipengine-timestamp", "")
    try:
        signature = base64.b64decode(headers.get("x-shipengine-rsa-sha256-signature", ""), validate=True)
        key.verify(signature, at.encode() + b"." + body, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise ForgedDeliveryError("a webhook was not signed by a known key", "the signature does not fit") from None
    if (signed_at := time_of(at)) is None or abs(now - signed_at) > TOLERANCE:
        raise ForgedDeliveryError("a webhook was signed too long ago", "the signed time is more than 5 minutes off")


def time_of(text: str) -> datetime | None:
    try:
        return TIME.validate_python(text)
    except ValidationError:
        return None
