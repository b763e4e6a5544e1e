"""Listings of items whose stock nobody has ever told: an exception per connection, closed when it is known."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from db.availability import LISTINGS
from db.exceptions import close_cause, open_cause
from db.flows import INVENTORY, running
from db.ledger import LEVELS
from db.recompute import PARTS
from domain.publication import untold

_TOLD = select(LEVELS.c.item_id).where(LEVELS.c.condition == "sellable")
_BUNDLES = select(PARTS.c.bundle_id)
_LACKING = _BUNDLES.where(PARTS.c.item_id.not_in(_TOLD))
_COUNT = (
    select(LISTINGS.c.connection_id, func.count().label("listings"))
    .where(
        LISTINGS.c.item_id != "",
        or_(
            LISTINGS.c.item_id.in_(_LACKING),
            and_(LISTINGS.c.item_id.not_in(_TOLD), LISTINGS.c.item_id.not_in(_BUNDLES)),
        ),
    )
    .group_by(LISTINGS.c.connection_id)
)


def count(tx: Connection) -> dict[str, int]:
    """By connection, where the flow is not off; a bundle is untold when one of its components is."""
    found = {row.connection_id: int(row.listings) for row in tx.execute(_COUNT)}
    return {name: found.get(name, 0) for name in running(tx, INVENTORY)}


def note(tx: Connection, listings: Mapping[str, int], now: datetime) -> None:
    for name, number in listings.items():
        cause = untold(name, number)
        if number:
            open_cause(tx, cause, now, connection_id=name)
        else:
            close_cause(tx, cause.code, now, by="cause gone")
