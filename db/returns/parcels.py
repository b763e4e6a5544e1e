"""Parcels that come back: which a carrier is asked about, and what its scans say."""

from datetime import datetime

from sqlalchemy import Connection, select

from db.facts import is_known
from db.returns.news import scan_key, take_parcel
from db.returns.rows import PARCELS, RETURNS
from domain.news import ParcelNews

ENDED = ("delivered", "lost")


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
