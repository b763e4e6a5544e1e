"""Jobs that only one process may do at a time."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, update

from db.ledger import insert_once
from db.tables.connections import LeaseRow

LEASES = LeaseRow.__table__  # type: ignore[attr-defined]


def hold(tx: Connection, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or renew a lease; False while somebody else holds it."""
    insert_once(tx, LEASES, [{"name": name, "holder": holder, "until": now + length}])
    mine = tx.execute(
        update(LEASES)
        .where(LEASES.c.name == name, or_(LEASES.c.holder == holder, LEASES.c.until < now))
        .values(holder=holder, until=now + length)
    )
    return bool(mine.rowcount)


def give_up(tx: Connection, name: str, holder: str, now: datetime) -> None:
    """Let somebody else have it at once."""
    tx.execute(update(LEASES).where(LEASES.c.name == name, LEASES.c.holder == holder).values(until=now))
