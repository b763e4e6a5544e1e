"""Jobs that only one process may do at a time."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, update

from db.tables.connections import LeaseRow
from db.upsert import insert_once

LEASES = LeaseRow.__table__  # type: ignore[attr-defined]


_RENEW = update(LEASES).where(
    LEASES.c.name == bindparam("lease"), or_(LEASES.c.holder == bindparam("by"), LEASES.c.until < bindparam("now"))
)


def hold(tx: Connection, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or renew a lease; False while somebody else holds it."""
    row = {"name": name, "holder": holder, "until": now + length}
    renewal = {"lease": name, "by": holder, "now": now, "holder": holder, "until": now + length}
    return bool(tx.execute(_RENEW, renewal).rowcount) or bool(insert_once(tx, LEASES, [row]))


def give_up(tx: Connection, name: str, holder: str, now: datetime) -> None:
    """Let somebody else have it at once."""
    tx.execute(update(LEASES).where(LEASES.c.name == name, LEASES.c.holder == holder).values(until=now))
