"""How soon the hub shows what is wrong and goes on when it is mended, by the times that it wrote down itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from db.exceptions import EXCEPTIONS
from db.order_reading import DECISIONS, ORDERS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def cause_times(tx: Connection, cause: str, order_id: str, mended_at: datetime) -> dict[str, float]:
    """From the order's arrival to its exception, and from the mending to the exception's end and the order's routing."""
    taken_at = tx.execute(select(ORDERS.c.recorded_at).where(ORDERS.c.id == order_id)).scalar_one()
    raised = tx.execute(select(EXCEPTIONS).where(EXCEPTIONS.c.cause == cause).order_by(EXCEPTIONS.c.id.desc())).first()
    since = (DECISIONS.c.order_id == order_id, DECISIONS.c.decided_at >= mended_at)
    routed_at = tx.execute(select(func.min(DECISIONS.c.decided_at)).where(*since)).scalar()
    if raised is None or raised.closed_at is None or routed_at is None:
        raise LookupError(f"{order_id} did not wait for {cause}, or still does")
    return {
        "exception_visible_ms": _ms(taken_at, raised.opened_at),
        "exception_closed_ms": _ms(mended_at, raised.closed_at),
        "order_resumed_ms": _ms(mended_at, routed_at),
    }


def _ms(start: datetime, end: datetime) -> float:
    return round(1000 * (end - start).total_seconds(), 1)
