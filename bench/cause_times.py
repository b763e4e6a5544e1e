"""How soon the hub shows what is wrong and goes on when it is mended, by the times that it wrote down itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from db.exceptions import AFFECTED, EXCEPTIONS
from db.order_reading import DECISIONS, ORDERS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection


def cause_times(tx: Connection, cause: str, order_ids: Collection[str], mended_at: datetime) -> dict[str, float]:
    """From each order's arrival until the exception names it (the slowest), and from the mending to the exception's
    end, to the first order's routing and to the last one's.
    """  # fmt: skip
    newest = select(EXCEPTIONS).where(EXCEPTIONS.c.cause == cause).order_by(EXCEPTIONS.c.id.desc())
    raised = tx.execute(newest).first()
    since = (DECISIONS.c.order_id.in_(order_ids), DECISIONS.c.decided_at >= mended_at)
    decided = select(func.min(DECISIONS.c.decided_at)).where(*since).group_by(DECISIONS.c.order_id)
    routed = tx.execute(decided).scalars().all()
    if raised is None or raised.closed_at is None or len(routed) < len(order_ids):
        raise LookupError(f"not all of {len(order_ids)} orders waited for {cause}, or some still do")
    named = select(ORDERS.c.recorded_at, AFFECTED.c.since).join(AFFECTED, AFFECTED.c.order_id == ORDERS.c.id)
    shown = tx.execute(named.where(AFFECTED.c.exception_id == raised.id, ORDERS.c.id.in_(order_ids))).all()
    return {
        "exception_visible_ms": max(_ms(taken_at, at) for taken_at, at in shown),
        "exception_closed_ms": _ms(mended_at, raised.closed_at),
        "order_resumed_ms": _ms(mended_at, min(routed)),
        "last_order_resumed_ms": _ms(mended_at, max(routed)),
    }


def _ms(start: datetime, end: datetime) -> float:
    return round(1000 * (end - start).total_seconds(), 1)
