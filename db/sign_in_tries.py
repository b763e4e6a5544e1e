"""How often a sign-in may fail: counted in the database, so that it holds for every process of the API together."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, or_, select, update

from db.tables.users import SignInTryRow
from db.upsert import dialect_insert

TRIES = SignInTryRow.__table__  # type: ignore[attr-defined]
WINDOW = timedelta(minutes=15)
PER_EMAIL = 10
PER_ADDRESS = 50
"""More than for an e-mail address: a whole office may come from one network address."""


def begin(tx: Connection, limits: dict[str, int], now: datetime) -> datetime | None:
    """Count a try before it is judged, so that tries at once cannot slip by; None, or from when on another may be made."""
    reached = or_(*((TRIES.c.key == key) & (TRIES.c.tries >= most) for key, most in limits.items()))
    full = select(TRIES.c.since).where(reached, TRIES.c.since > now - WINDOW)
    since: list[datetime] = list(tx.execute(full).scalars())
    if since:
        return max(since) + WINDOW
    for key in limits:
        insert = dialect_insert(TRIES, tx.dialect.name).values(key=key, tries=1, since=now)
        is_old = TRIES.c.since <= now - WINDOW
        tx.execute(
            insert.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "tries": case((is_old, 1), else_=TRIES.c.tries + 1),
                    "since": case((is_old, now), else_=TRIES.c.since),
                },
            )
        )
    return None


def clear(tx: Connection, key: str) -> None:
    """Who got in by this e-mail address has none against it."""
    tx.execute(delete(TRIES).where(TRIES.c.key == key))


def give_back(tx: Connection, key: str) -> None:
    """The try does not count; others from the same network address still do."""
    tx.execute(update(TRIES).where(TRIES.c.key == key, TRIES.c.tries > 0).values(tries=TRIES.c.tries - 1))


def forget(tx: Connection, now: datetime) -> int:
    """Those that count no longer."""
    return int(tx.execute(delete(TRIES).where(TRIES.c.since <= now - WINDOW)).rowcount)
