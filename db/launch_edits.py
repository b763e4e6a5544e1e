"""What becomes of a launch when somebody edits what it has staged: it is staged anew, and approved anew."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from db.launch_facts import note
from db.launch_reading import CHANNELS, LAUNCHES, LISTINGS


def products_edited(tx: Connection, products: Collection[str], now: datetime) -> None:
    """The products of launches that have not passed their barrier."""
    _restage(tx, LISTINGS.c.product_id.in_(list(products)), now, products=sorted(products)[:20])


def form_changed(tx: Connection, connection_id: str, now: datetime) -> None:
    """All listings that this form makes."""
    mine = select(CHANNELS.c.connection_id).where(
        CHANNELS.c.launch_id == LISTINGS.c.launch_id, CHANNELS.c.form_of == connection_id
    )
    _restage(tx, LISTINGS.c.connection_id.in_(mine), now, form=connection_id)


def _restage(tx: Connection, which: ColumnElement[bool], now: datetime, **data: Any) -> None:
    """Approvals were of what was staged, which is no more; findings are looked at again too."""
    undecided = (LAUNCHES.c.outcome.is_(None), LAUNCHES.c.barrier_at.is_(None), LAUNCHES.c.restoring == "")
    stale = (LISTINGS.c.state.in_(["staged", "staging"]) | LISTINGS.c.blocked) & which
    found = select(LISTINGS.c.launch_id).join(LAUNCHES, LAUNCHES.c.id == LISTINGS.c.launch_id).where(*undecided, stale)
    for launch_id in tx.execute(found.distinct().order_by(LISTINGS.c.launch_id)).scalars().all():
        mine = (LISTINGS.c.launch_id == launch_id, stale)
        tx.execute(update(LISTINGS).where(*mine, LISTINGS.c.state == "staged").values(state="staging"))
        tx.execute(update(LISTINGS).where(*mine).values(blocked=False, content="", updated_at=now))
        tx.execute(update(LAUNCHES).where(LAUNCHES.c.id == launch_id).values(revision=LAUNCHES.c.revision + 1))
        note(tx, launch_id, "edited", now, wakes=True, **data)
