"""Checks a stock certificate offline: signature, chain and content, with nothing but the public key."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from domain.certificate import SignedCertificate


def problems(chain: tuple[SignedCertificate, ...], public_key: str) -> tuple[str, ...]:
    """What is wrong with certificates given in order; empty: they are genuine, none is missing, all checks held."""
    found: list[str] = []
    before: SignedCertificate | None = None
    for signed in chain:
        try:
            number = signed.certificate.number
        except ValidationError:
            return (*found, "a text is no certificate")
        if not _is_signed(signed, public_key):
            found.append(f"certificate {number}: not signed by this key, or changed since")
        if before is not None and signed.certificate.previous != before.digest:
            found.append(f"certificate {number}: does not follow certificate {before.certificate.number}")
        found += [
            f"certificate {number}: {check.name} does not hold in {check.differences} places"
            for check in signed.certificate.checks
            if not check.holds
        ]
        before = signed
    return tuple(found)


def _is_signed(signed: SignedCertificate, public_key: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signed.signature, validate=True), signed.text.encode())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return signed.certificate.merchant_key == public_key
