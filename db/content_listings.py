"""How the listings of a connection stand, for people: what waits, what is held and why; and a launch's hold lifted."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, select, update

from db.content_marks import mark_listing
from db.offered import OFFERED, RESTORED, listing_of
from domain.errors import DomainError

State = Literal["settled", "due", "sent", "accepted", "refused", "held"]


class ListingStanding(NamedTuple):
    """One listing; `waits` are fields that the channel is still to be told, `left` those that it may keep until somebody decides."""

    connection_id: str
    product_id: str
    external_id: str
    state: str
    waits: tuple[str, ...]
    sending: tuple[str, ...]
    left: tuple[str, ...]
    held: tuple[str, ...]
    held_by: str
    findings: tuple[dict[str, Any], ...]
    error_code: str
    error_field: str
    attempts: int
    due_at: datetime | None
    changed_at: datetime | None
    confirmed_at: datetime
    fields: int
    right: int


def standings(
    tx: Connection, connection_id: str = "", product_id: str = "", state: str = "", *, after: str = "", limit: int = 100
) -> list[ListingStanding]:
    """By product; `held` finds what a gate or a launch holds back, whatever else it is doing."""
    query = select(OFFERED).where(OFFERED.c.product_id > after)
    if connection_id:
        query = query.where(OFFERED.c.connection_id == connection_id)
    if product_id:
        query = query.where(OFFERED.c.product_id == product_id)
    if state:
        query = query.where(OFFERED.c.held_by != "" if state == "held" else OFFERED.c.state == state)
    ordered = query.order_by(OFFERED.c.product_id, OFFERED.c.connection_id).limit(limit)
    return [_standing(row) for row in tx.execute(ordered)]


def release(tx: Connection, connection_id: str, product_id: str, now: datetime) -> None:
    """What a launch has taken back follows the master again."""
    mine = (OFFERED.c.connection_id == connection_id, OFFERED.c.product_id == product_id)
    freed = update(OFFERED).where(*mine, OFFERED.c.held_by.startswith(RESTORED)).values(held_by="")
    if not tx.execute(freed).rowcount:
        raise DomainError(
            "not_held", f"no launch has left {product_id} on {connection_id} as it was; there is nothing to release"
        )
    mark_listing(tx, connection_id, product_id, now)


def _standing(row: Any) -> ListingStanding:
    at = listing_of(row)
    plain = {name: getattr(row, name) for name in ListingStanding._fields if hasattr(row, name)}
    return ListingStanding(
        **plain
        | {
            "waits": at.to_tell, "sending": tuple(at.sending), "left": tuple(sorted(at.left)),
            "held": tuple(row.held.get("fields", ())), "findings": tuple(row.held.get("findings", ())),
        }
    )  # fmt: skip
