"""A statement about the inventory ledger that can be checked by whoever holds it, without the hub."""

import hashlib
import json
from datetime import datetime

from pydantic import Field

from domain.base import Frozen


class LedgerCheck(Frozen):
    """One invariant, over the whole ledger at one moment; `differences` counts the places that break it."""

    name: str
    differences: int

    @property
    def holds(self) -> bool:
        return self.differences == 0


class StockCertificate(Frozen):
    """What was recomputed, and how far the ledger went then; `previous` is the digest of the certificate before."""

    number: int
    merchant_key: str = Field(description="the public key that signs, in base64: says whose ledger it is")
    made_at: datetime
    last_movement: int
    movements: int
    levels: int
    units_on_hand: int
    units_reserved: int
    checks: tuple[LedgerCheck, ...]
    previous: str = ""

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


class SignedCertificate(Frozen):
    """The exact text that was signed, and the Ed25519 signature over its UTF-8 bytes, in base64."""

    text: str
    signature: str

    @property
    def certificate(self) -> StockCertificate:
        return StockCertificate.model_validate_json(self.text)

    @property
    def digest(self) -> str:
        """What the next certificate names: nobody can leave one out or put another in its place."""
        return hashlib.sha256(f"{self.text}\n{self.signature}".encode()).hexdigest()


def text_of(certificate: StockCertificate) -> str:
    """One text for one content: sorted names, no blanks."""
    return json.dumps(certificate.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
