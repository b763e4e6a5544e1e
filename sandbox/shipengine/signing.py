"""Signs tracking notices with RSA, and publishes the keys; one pair serves the whole process, since making it is slow."""

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256


@cache
def key_of(kid: str) -> RSAPrivateKey:
    """The private key that this process knows under a name; made when it is first asked for."""
    assert kid
    return generate_private_key(65537, 2048)


def published(*kids: str) -> Mapping[str, Any]:
    """The public halves, as RFC 7517 writes them."""
    return {"keys": [_jwk(kid) for kid in kids]}


def _jwk(kid: str) -> Mapping[str, str]:
    numbers = key_of(kid).public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": _text(numbers.n), "e": _text(numbers.e)}


def _text(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def headers(kid: str, raw: bytes, at: str) -> Mapping[str, str]:
    signature = key_of(kid).sign(at.encode() + b"." + raw, PKCS1v15(), SHA256())
    return {
        "content-type": "application/json",
        "x-shipengine-rsa-sha256-key-id": kid,
        "x-shipengine-rsa-sha256-signature": base64.b64encode(signature).decode(),
        "x-shipengine-timestamp": at,
    }
