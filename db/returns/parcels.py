"""Parcels that come back: which a carrier is asked about, and what its scans say."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from db.facts import is_known
from db.order_reading import ORDERS
from db.returns.news import scan_key, take_parcel
from db.returns.rows import PARCELS, RETURNS, row_of
from db.rows import find, one
from db.vault import Vault
from domain.errors import DomainError
from domain.news import ParcelNews

ENDED = ("delivered", "lost")


def in_use(tx: Connection, return_id: str) -> list[Row[Any]]:
    """Its parcels whose label was not given back."""
    return find(tx, PARCELS, "reference", return_id=return_id, is_voided=False)


def label_address(tx: Connection, vault: Vault, return_id: str) -> str:
    """Where the carrier keeps the newest label's document, which names the buyer; `unknown_label` if there is none."""
    order = one(tx, ORDERS, row_of(tx, return_id).order_id)
    for parcel in reversed(in_use(tx, return_id)):
        if parcel.sealed_document:
            return str(vault.unseal(tx, order.subject_id, parcel.sealed_document)["url"])
    raise DomainError("unknown_label", f"{return_id} has no label in use; its duties say whether one is on its way")


def coming_back(tx: Connection, connection_id: str) -> tuple[ParcelNews, ...]:
    """Labels in use of returns that are open; a parcel that has arrived or is lost has nothing more to tell."""
    travels = (PARCELS.c.is_voided.is_(False), PARCELS.c.tracking_number != "", PARCELS.c.status.not_in(ENDED))
    of_open = RETURNS.c.outcome.is_(None) & RETURNS.c.received_at.is_(None)
    mine = select(PARCELS.c.carrier, PARCELS.c.tracking_number).join(RETURNS, RETURNS.c.id == PARCELS.c.return_id)
    rows = tx.execute(mine.where(PARCELS.c.connection_id == connection_id, *travels, of_open))
    return tuple(ParcelNews(carrier=row.carrier, tracking_number=row.tracking_number, scans=()) for row in rows)


def new_scans(tx: Connection, parcel: ParcelNews, now: datetime) -> int:
    """How many of them nobody had told of."""
    row = tx.execute(
        select(PARCELS.c.return_id, RETURNS.c.order_id)
        .join(RETURNS, RETURNS.c.id == PARCELS.c.return_id)
        .where(PARCELS.c.tracking_number == parcel.tracking_number)
    ).one()
    fresh = [scan for scan in parcel.scans if not is_known(tx, row.order_id, f"{row.return_id}:{scan_key(scan)}")]
    if fresh:
        take_parcel(tx, parcel.model_copy(update={"scans": tuple(fresh)}), now)
    return len(fresh)
