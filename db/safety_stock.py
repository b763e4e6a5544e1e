"""Safety stock and the calendar profiles in which it counts."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, or_, select, tuple_, update

from db.availability import LISTINGS, PROFILES, SAFETY, active_rules
from db.recompute import ask_recompute
from db.tables.publication import PublicationClockRow
from db.upsert import insert_once
from db.upsert import put as put_row
from domain.availability.rules import boundaries
from domain.availability.safety import Safety
from domain.errors import DomainError

CLOCK = PublicationClockRow.__table__  # type: ignore[attr-defined]
KEYS = ("item_id", "connection_id", "location_id", "profile")
KEPT_UP = timedelta(minutes=1)
"""How far the clock's mark may lag when nothing has begun or ended."""
UNKNOWN_AT_ONCE = 200


def put(tx: Connection, entry: Safety, now: datetime) -> int | None:
    """Set the units of one scope; returns what they were. A profile must exist, so that a slip of the pen is seen."""
    if entry.profile and not tx.execute(select(PROFILES.c.name).where(PROFILES.c.name == entry.profile)).first():
        raise DomainError("unknown_profile", f"profile: there is no calendar profile {entry.profile!r}; make it first")
    before = units_of(tx, entry)
    put_row(tx, SAFETY, _key(entry) | {"units": entry.units}, keys=KEYS)
    ask_recompute(tx, now, reason=f"safety stock of {entry}", item_id=entry.item_id)
    return before


def units_of(tx: Connection, entry: Safety) -> int | None:
    """The units that are set for exactly this scope; None if there are none."""
    mine = [SAFETY.c[name] == value for name, value in _key(entry).items()]
    return tx.execute(select(SAFETY.c.units).where(*mine)).scalar()


def remove(tx: Connection, entry: Safety, now: datetime) -> bool:
    """What is less precise counts again; True if there was such an entry."""
    mine = [SAFETY.c[name] == value for name, value in _key(entry).items()]
    ask_recompute(tx, now, reason=f"no safety stock of {entry}", item_id=entry.item_id)
    return bool(tx.execute(delete(SAFETY).where(*mine)).rowcount)


def _key(entry: Safety) -> dict[str, str]:
    return dict(zip(KEYS, entry[:4], strict=True))


def page(tx: Connection, *, item_id: str = "", after: tuple[str, ...] = ("", "", "", ""), limit: int = 100) -> list[Row[Any]]:  # fmt: skip
    """By item, connection, location and profile; an item's page holds what is said of it by name."""
    key = [SAFETY.c[name] for name in KEYS]
    query = select(SAFETY).order_by(*key).limit(limit)
    if after != ("", "", "", ""):
        query = query.where(tuple_(*key) > after)
    if item_id:
        query = query.where(SAFETY.c.item_id == item_id)
    return list(tx.execute(query))


def profiles(tx: Connection) -> list[Row[Any]]:
    return list(tx.execute(select(PROFILES).order_by(PROFILES.c.starts_at, PROFILES.c.name)))


def put_profile(tx: Connection, name: str, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """A time in which the profile counts; the same beginning again moves the end."""
    if ends_at <= starts_at:
        raise DomainError("bad_profile", "ends_at: a profile ends after it starts; correct one of the two")
    put_row(tx, PROFILES, {"name": name, "starts_at": starts_at, "ends_at": ends_at}, keys=("name", "starts_at"))
    ask_recompute(tx, now, reason=f"profile {name} has other times")


def remove_profile(tx: Connection, name: str, starts_at: datetime, now: datetime) -> bool:
    ask_recompute(tx, now, reason=f"profile {name} has other times")
    mine = (PROFILES.c.name == name, PROFILES.c.starts_at == starts_at)
    return bool(tx.execute(delete(PROFILES).where(*mine)).rowcount)


def needs_tick(tx: Connection, now: datetime) -> bool:
    """Whether something has begun or ended since the clock's mark, or the mark lags; it only reads."""
    since = tx.execute(select(CLOCK.c.evaluated_to)).scalar()
    return since is None or now - since >= KEPT_UP or _has_turned(tx, since, now)


def tick(tx: Connection, now: datetime) -> bool:
    """Carry out what the calendar demands; True if a profile or a launch reserve began or ended since the last time.

    Beginnings and ends are found by the mark, not by a timer that could be missed while nothing runs.
    """
    insert_once(tx, CLOCK, [{"id": 1, "evaluated_to": now}])
    since = tx.execute(select(CLOCK.c.evaluated_to).with_for_update()).scalar_one()
    has_turned = _has_turned(tx, since, now)
    if has_turned:
        ask_recompute(tx, now, reason="a profile or a launch reserve has begun or ended")
    _ask_unknown(tx, now)
    tx.execute(update(CLOCK).values(evaluated_to=now))
    return has_turned


def _has_turned(tx: Connection, since: datetime, now: datetime) -> bool:
    turned = or_(*(and_(column > since, column <= now) for column in (PROFILES.c.starts_at, PROFILES.c.ends_at)))
    if tx.execute(select(func.count()).select_from(PROFILES).where(turned)).scalar_one():
        return True
    return any(since < moment <= now for moment in boundaries(active_rules(tx)))


def _ask_unknown(tx: Connection, now: datetime) -> None:
    """Availability that has been unknown for longest: past the limit the floor is shown."""
    unknown = (LISTINGS.c.expected.is_(None), LISTINGS.c.item_id != "")
    oldest = select(LISTINGS.c.item_id).where(*unknown).order_by(LISTINGS.c.expected_at).limit(UNKNOWN_AT_ONCE)
    for item_id in dict.fromkeys(tx.execute(oldest).scalars()):
        ask_recompute(tx, now, reason="availability is unknown", item_id=item_id)
