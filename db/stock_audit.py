"""Recomputes the inventory ledger and keeps the signed result."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from db.exceptions import close_cause, open_cause
from db.ledger import LEVELS, MOVEMENTS, RESERVATIONS, verify
from db.order_reading import ORDERS
from db.tables.certificates import StockCertificateRow
from domain.causes import Cause
from domain.certificate import LedgerCheck, SignedCertificate, StockCertificate, text_of

CERTIFICATES = StockCertificateRow.__table__  # type: ignore[attr-defined]
Sign = Callable[[bytes], str]

DIFFERS = Cause(
    kind="ledger_differs",
    subject="stock",
    title="The inventory ledger does not add up",
    remedy="`tutti stock verify` names every place; correct the balance by a count, and find out what wrote past the ledger.",
    severity="critical",
)


def certify(tx: Connection, sign: Sign, merchant_key: str, now: datetime) -> SignedCertificate:
    """Recompute, sign and keep; a ledger that does not add up is certified as that, and a person is told."""
    last = tx.execute(select(CERTIFICATES).order_by(CERTIFICATES.c.number.desc()).limit(1)).first()
    certificate = StockCertificate(
        number=last.number + 1 if last else 1,
        merchant_key=merchant_key,
        made_at=now,
        previous=last.digest if last else "",
        checks=_checks(tx),
        **_extent(tx),
    )
    text = text_of(certificate)
    signed = SignedCertificate(text=text, signature=sign(text.encode()))
    tx.execute(
        CERTIFICATES.insert().values(
            number=certificate.number, made_at=now, holds=certificate.holds, text=text, signature=signed.signature,
            digest=signed.digest,
        )
    )  # fmt: skip
    if certificate.holds:
        close_cause(tx, DIFFERS.code, now)
    else:
        open_cause(tx, DIFFERS, now)
    return signed


def certificates(tx: Connection, *, before: int | None = None, limit: int = 100) -> tuple[SignedCertificate, ...]:
    """Newest first."""
    query = select(CERTIFICATES).order_by(CERTIFICATES.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(CERTIFICATES.c.number < before)
    return tuple(SignedCertificate(text=row.text, signature=row.signature) for row in tx.execute(query))


def _extent(tx: Connection) -> dict[str, int]:
    moved = tx.execute(select(func.count(), func.coalesce(func.max(MOVEMENTS.c.id), 0)).select_from(MOVEMENTS)).one()
    sums = (func.coalesce(func.sum(LEVELS.c.on_hand), 0), func.coalesce(func.sum(LEVELS.c.reserved), 0))
    held = tx.execute(select(func.count(), *sums).select_from(LEVELS)).one()
    return {
        "movements": moved[0],
        "last_movement": moved[1],
        "levels": held[0],
        "units_on_hand": held[1],
        "units_reserved": held[2],
    }


def _checks(tx: Connection) -> tuple[LedgerCheck, ...]:
    found = verify(tx)

    def of(*fields: str) -> int:
        return sum(difference.field in fields for difference in found)

    negative = select(func.count()).select_from(LEVELS).where(or_(LEVELS.c.on_hand < 0, LEVELS.c.reserved < 0))
    leaked = (
        select(func.count())
        .select_from(RESERVATIONS.join(ORDERS, ORDERS.c.id == RESERVATIONS.c.order_id))
        .where(ORDERS.c.outcome.is_not(None))
    )
    return (
        LedgerCheck(name="every balance is the sum of its movements", differences=of("on_hand", "reserved")),
        LedgerCheck(name="reserved is what reservations hold", differences=of("reserved by reservations")),
        LedgerCheck(name="no balance is negative", differences=tx.execute(negative).scalar_one()),
        LedgerCheck(name="no ended order holds stock", differences=tx.execute(leaked).scalar_one()),
    )
