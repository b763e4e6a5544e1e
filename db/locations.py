"""Stock locations, and how connections call them."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from db import store_news
from db.recompute import ask_recompute
from db.restock import decide_anew
from db.tables.connections import ConnectionRow, LocationMappingRow
from db.tables.stock import LocationRow
from db.upsert import put as put_row
from domain.errors import DomainError
from domain.location import Location

LOCATIONS = LocationRow.__table__  # type: ignore[attr-defined]
MAPPINGS = LocationMappingRow.__table__  # type: ignore[attr-defined]
CONNECTIONS = ConnectionRow.__table__  # type: ignore[attr-defined]

NOT_OURS = ""
"""What a connection's place is mapped to when it is left out on purpose."""


def every(tx: Connection) -> list[Location]:
    return [Location.model_validate(row._asdict()) for row in tx.execute(select(LOCATIONS).order_by(LOCATIONS.c.id))]


def find(tx: Connection, location_id: str) -> Location | None:
    row = tx.execute(select(LOCATIONS).where(LOCATIONS.c.id == location_id)).first()
    return Location.model_validate(row._asdict()) if row else None


def load(tx: Connection, location_id: str) -> Location:
    location = find(tx, location_id)
    if location is None:
        raise DomainError(
            "unknown_location", f"there is no location {location_id!r}; list the locations to find its id"
        )
    return location


def put(tx: Connection, location: Location) -> Location | None:
    """Make it or replace it; returns what it was before. Its connection must exist."""
    before = find(tx, location.id)
    if not tx.execute(select(CONNECTIONS.c.id).where(CONNECTIONS.c.id == location.connection_id)).first():
        raise DomainError(
            "unknown_connection",
            f"connection_id: there is no connection {location.connection_id!r}; add it first (tutti connections add)",
        )
    row = location.model_dump(mode="json")
    put_row(tx, LOCATIONS, row, keys=("id",))
    if before != location:
        decide_anew(tx, datetime.now(UTC), why=f"location {location.id}")
        ask_recompute(tx, datetime.now(UTC), reason=f"location {location.id} has changed")
    return before


def mappings(tx: Connection, connection_id: str) -> dict[str, str]:
    """Location ids by the connection's own ids; `NOT_OURS` for places that are left out on purpose."""
    rows = tx.execute(select(MAPPINGS).where(MAPPINGS.c.connection_id == connection_id))
    return {row.external_id: row.location_id for row in rows}


def put_mapping(tx: Connection, connection_id: str, external_id: str, location_id: str, *, name: str = "") -> None:
    """Say which location a connection's place is.

    The one who ships from a location knows it by one id only: its own mapping becomes the location's `external_id`.
    """
    if location_id != NOT_OURS:
        location = load(tx, location_id)
        if location.connection_id == connection_id:
            put(tx, location.model_copy(update={"external_id": external_id}))
    decide_anew(tx, datetime.now(UTC), why=f"mapping {connection_id} {external_id}")
    ask_recompute(tx, datetime.now(UTC), reason=f"place {external_id} of {connection_id} is mapped otherwise")
    row = {"connection_id": connection_id, "external_id": external_id, "location_id": location_id, "name": name}
    put_row(tx, MAPPINGS, row, keys=("connection_id", "external_id"))
    store_news.retake(tx, datetime.now(UTC), connection_id=connection_id)


def remove_mapping(tx: Connection, connection_id: str, external_id: str) -> bool:
    """True if there was one."""
    mine = (MAPPINGS.c.connection_id == connection_id, MAPPINGS.c.external_id == external_id)
    return bool(tx.execute(delete(MAPPINGS).where(*mine)).rowcount)
