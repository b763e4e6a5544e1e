"""The ledger as its auditor sees it."""

from datetime import UTC, datetime

from db.session import Database
from db.stock_audit import Sign, certify
from domain.refs import Certified


class AuditDesk:
    """Given the installation's signature; the key itself stays where keys are."""

    def __init__(self, database: Database, sign: Sign, merchant_key: str) -> None:
        self._database = database
        self._sign = sign
        self._merchant_key = merchant_key

    async def certify(self) -> Certified:
        """Repeatable: once more is one certificate more."""
        signed = await self._database.write(lambda tx: certify(tx, self._sign, self._merchant_key, datetime.now(UTC)))
        return Certified(number=signed.certificate.number, holds=signed.certificate.holds)
