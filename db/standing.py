"""Where an order stands: computed from its facts, kept in its row, mirrored in the exceptions."""

from datetime import datetime

from sqlalchemy import Connection

from db.corrections import correct
from db.exceptions import sync
from db.order_reading import ORDERS, load
from db.rows import change
from domain.causes import causes_of
from domain.corrections import corrections
from domain.progress import Progress, progress

ROUNDS = 4
"""One correction may demand another: giving up the last line cancels the order, which recalls the rest."""


def settle(tx: Connection, order_id: str, now: datetime) -> Progress:
    """Carry out what facts and clock demand, and bring the order's row and exceptions up to date.

    Ends the run in the row when nothing is left to do.
    """
    order = load(tx, order_id)
    for _ in range(ROUNDS):
        wanted = corrections(order, now)
        if not wanted:
            break
        correct(tx, order_id, wanted, now)
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
    change(tx, ORDERS, order_id, **changed)
    return standing
