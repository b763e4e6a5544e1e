"""The version of what people change, and who changed it since a version that somebody saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, select

from db import catalog
from db.audit import AUDIT, in_turn
from db.facts import EVENTS, OF_A_RETURN, lock
from db.launch_reading import EVENTS as LAUNCH_EVENTS
from db.launch_reading import LAUNCHES
from db.launch_reading import row_of as launch_row
from db.order_detail import row_of as order_row
from db.returns.rows import row_of as return_row
from db.returns.rows import version_of as return_version
from db.users import row_of as user_row
from db.users import version_of as version_of_user


class Change(NamedTuple):
    """Who changed it last: a user's id, a key's name, or the part of the hub or platform that it came from."""

    by: str
    at: datetime
    what: str


@dataclass(frozen=True)
class Thing:
    """Something that two people may change at once; both functions are asked within the transaction of a change."""

    version: Callable[[Connection], str]
    changed_since: Callable[[Connection, str], Change | None]


def order(order_id: str) -> Thing:
    """An order by the number of its newest fact."""

    def version(tx: Connection) -> str:
        lock(tx, order_id)
        return str(order_row(tx, order_id).seq)

    return Thing(version, lambda tx, seen: _by_person(tx, order_id, _at(tx, order_id, seen)) or _fact(tx, order_id))


def order_return(return_id: str) -> Thing:
    """A return by the number of the newest of its order's facts that is about it."""

    def version(tx: Connection) -> str:
        row = return_row(tx, return_id)
        lock(tx, row.order_id)
        return return_version(tx, row)

    def changed_since(tx: Connection, seen: str) -> Change | None:
        order_id = return_row(tx, return_id).order_id
        return _by_person(tx, return_id, _at(tx, order_id, seen)) or _fact(tx, order_id, f"{return_id}:")

    return Thing(version, changed_since)


def launch(launch_id: str) -> Thing:
    """A launch by the number of its newest fact."""

    def changed_since(tx: Connection, seen: str) -> Change | None:
        at = select(LAUNCH_EVENTS.c.at).where(
            LAUNCH_EVENTS.c.launch_id == launch_id, LAUNCH_EVENTS.c.seq == _number(seen)
        )
        newest = (
            select(LAUNCH_EVENTS).where(LAUNCH_EVENTS.c.launch_id == launch_id).order_by(LAUNCH_EVENTS.c.seq.desc())
        )
        last = tx.execute(newest.limit(1)).first()
        fallback = Change(last.data.get("by") or "tutti", last.at, _words(last.kind)) if last else None
        return _by_person(tx, launch_id, tx.execute(at).scalar()) or fallback

    def version(tx: Connection) -> str:
        tx.execute(select(LAUNCHES.c.seq).where(LAUNCHES.c.id == launch_id).with_for_update())
        return str(launch_row(tx, launch_id).seq)

    return Thing(version, changed_since)


def user(user_id: str) -> Thing:
    """A user as an administrator sees them."""

    def version(tx: Connection) -> str:
        in_turn(tx)
        return version_of_user(user_row(tx, user_id))

    return Thing(version, audited(user_id, "user.change").changed_since)


def product(product_id: str) -> Thing:
    """A product by how often it has changed, whoever or whatever changed it."""

    def version(tx: Connection) -> str:
        tx.execute(select(catalog.PRODUCTS.c.id).where(catalog.PRODUCTS.c.id == product_id).with_for_update())
        return str(catalog.version_of(tx, product_id))

    def changed_since(tx: Connection, _seen: str) -> Change | None:
        newest = catalog.history(tx, product_id, limit=1)
        return next((Change(row.actor, row.at, f"product: {row.field or 'made'}") for row in newest), None)

    return Thing(version, changed_since)


def audited(target: str, actions: str) -> Thing:
    """Something that only people change, by its newest row in the audit log; `actions` is what theirs begin with."""
    mine = (AUDIT.c.target == target) & AUDIT.c.action.startswith(actions, autoescape=True)

    def version(tx: Connection) -> str:
        in_turn(tx)
        return str(tx.execute(select(func.max(AUDIT.c.id)).where(mine)).scalar() or 0)

    def changed_since(tx: Connection, _seen: str) -> Change | None:
        return _change(tx.execute(select(AUDIT).where(mine).order_by(AUDIT.c.id.desc()).limit(1)).first())

    return Thing(version, changed_since)


def stamped(table: Table, keys: Mapping[str, str], target: str, actions: str) -> Thing:
    """A row that says when it was changed; `target` and `actions` are what the audit log calls it."""
    row = select(table.c.changed_at).where(*(table.c[name] == value for name, value in keys.items()))

    def version(tx: Connection) -> str:
        in_turn(tx)
        at = tx.execute(row).scalar()
        return at.isoformat() if at else ""

    return Thing(version, audited(target, actions).changed_since)


def rules_in_force(rules: Table, action: str, connection_id: str = "") -> Thing:
    """Which version of some rules is active, of one connection if they are by connection; `action` is what putting one
    in force is called in the audit log.
    """  # fmt: skip
    active = select(rules.c.version).where(rules.c.active)
    if connection_id:
        active = active.where(rules.c.connection_id == connection_id)

    def version(tx: Connection) -> str:
        in_turn(tx)
        return tx.execute(active).scalar() or ""

    def changed_since(tx: Connection, _seen: str) -> Change | None:
        mine = select(AUDIT).where(AUDIT.c.target == (connection_id or version(tx)), AUDIT.c.action == action)
        return _change(tx.execute(mine.order_by(AUDIT.c.id.desc()).limit(1)).first())

    return Thing(version, changed_since)


def _by_person(tx: Connection, target: str, since: datetime | None) -> Change | None:
    """The newest change that the audit log knows; reading a person's data is none."""
    mine = select(AUDIT).where(AUDIT.c.target == target, ~AUDIT.c.action.contains(".read"))
    if since is not None:
        mine = mine.where(AUDIT.c.at > since)
    return _change(tx.execute(mine.order_by(AUDIT.c.id.desc()).limit(1)).first())


def _change(row: Any) -> Change | None:
    return Change(row.actor, row.at, _words(row.action)) if row is not None else None


def _fact(tx: Connection, order_id: str, key: str = "") -> Change | None:
    mine = select(EVENTS).where(EVENTS.c.order_id == order_id, EVENTS.c.key.startswith(key, autoescape=True))
    row = tx.execute(mine.order_by(EVENTS.c.seq.desc()).limit(1)).first()
    return Change(row.source, row.recorded_at, _words(row.kind.removeprefix(OF_A_RETURN))) if row else None


def _at(tx: Connection, order_id: str, seen: str) -> datetime | None:
    mine = select(EVENTS.c.recorded_at).where(EVENTS.c.order_id == order_id, EVENTS.c.seq == _number(seen))
    at: datetime | None = tx.execute(mine).scalar()
    return at


def _number(seen: str) -> int:
    return int(seen) if seen.isdecimal() and len(seen) < 10 else -1


def _words(code: str) -> str:
    return code.replace("_", " ").replace(".", ": ")
