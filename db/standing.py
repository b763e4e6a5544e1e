"""Where an order stands: computed from its facts, kept in its row, mirrored in the exceptions."""

from datetime import datetime

from sqlalchemy import Connection, update

from db.exceptions import sync
from db.order_reading import ORDERS, load
from domain.causes import causes_of
from domain.progress import Progress, progress


def settle(tx: Connection, order_id: str, now: datetime) -> Progress:
    """Bring the order's row and its exceptions up to date; ends the run in the row when nothing is left to do."""
    order = load(tx, order_id)
    standing = progress(order, now)
    sync(tx, order_id, causes_of(order, now), now)
    changed: dict[str, object] = {
        "state": standing.outcome or standing.stage,
        "why": standing.headline,
        "outcome": standing.outcome,
    }
    if standing.outcome is not None:
        changed["run_open"] = False
    tx.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(**changed))
    return standing
