"""Certificates of the inventory ledger: signed statements that anyone can check offline."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from db import audit, stock_audit
from domain.certificate import SignedCertificate, StockCertificate

router = APIRouter(prefix="/inventory/certificates", tags=["inventory"])


class CertificateOut(BaseModel):
    """What was found, and the signed text itself: `text` and `signature` are what is checked offline."""

    certificate: StockCertificate
    holds: bool
    text: str
    signature: str
    digest: str


class CertificateList(BaseModel):
    """Newest first; `next` goes on from the last one, null on the last page."""

    public_key: str
    certificates: list[CertificateOut]
    next: int | None


@router.get("")
async def list_certificates(
    hub: HubDep,
    _caller: Viewer,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CertificateList:
    """With the public key that checks them."""
    found = await hub.database.read(lambda tx: stock_audit.certificates(tx, before=before, limit=limit + 1))
    shown = [_out(signed) for signed in found[:limit]]
    following = shown[-1].certificate.number if len(found) > limit else None
    return CertificateList(public_key=hub.keys.public_key, certificates=shown, next=following)


@router.get("/{number}", responses={404: {"description": "No certificate has this number"}})
async def show_certificate(
    number: Annotated[int, Path(ge=1, le=2**31 - 1)], hub: HubDep, _caller: Viewer
) -> CertificateOut:
    """One certificate."""
    found = await hub.database.read(lambda tx: stock_audit.certificates(tx, before=number + 1, limit=1))
    if not found or found[0].certificate.number != number:
        raise ProblemError(404, "unknown_certificate", f"there is no certificate {number}; list them to see which are")
    return _out(found[0])


@router.post("", status_code=201)
async def make_certificate(hub: HubDep, caller: Operations, now: Now) -> CertificateOut:
    """Recompute the ledger now; it is also done every hour."""

    def work(tx: Connection) -> SignedCertificate:
        signed = stock_audit.certify(tx, hub.keys.sign, hub.keys.public_key, now)
        number = str(signed.certificate.number)
        audit.record(tx, caller, "stock.certify", number, now=now, after={"holds": signed.certificate.holds})
        return signed

    return _out(await hub.database.write(work))


def _out(signed: SignedCertificate) -> CertificateOut:
    certificate: StockCertificate = signed.certificate
    return CertificateOut(
        certificate=certificate,
        holds=certificate.holds,
        text=signed.text,
        signature=signed.signature,
        digest=signed.digest,
    )
