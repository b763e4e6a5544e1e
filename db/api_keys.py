"""API keys: made once, shown once, kept as a hash."""

import secrets
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from db.actors import Actor, Role
from db.audit import record
from db.tables.governance import ApiKeyRow
from db.tokens import hash_of, new_token
from domain.errors import DomainError

KEYS = ApiKeyRow.__table__  # type: ignore[attr-defined]
_PREFIX = "tutti_"


class NewKey(NamedTuple):
    """A key and its token; nothing can show the token again."""

    id: str
    token: str


def create(tx: Connection, *, name: str, role: Role, by: Actor, now: datetime) -> NewKey:
    """Make a key; names are unique among the keys in force, because people know keys by them."""
    if tx.execute(select(KEYS.c.id).where(KEYS.c.name == name, KEYS.c.revoked_at.is_(None))).first():
        raise DomainError("name_taken", f"a key named {name!r} is in force; revoke it first or choose another name")
    if name.startswith("user_"):
        raise DomainError("bad_request", "name: a key cannot be named like a user's id; choose another name")
    new = NewKey(id=f"key_{secrets.token_hex(6)}", token=new_token(_PREFIX))
    tx.execute(insert(KEYS).values(id=new.id, name=name, role=role, key_hash=hash_of(new.token), created_at=now))
    record(tx, by, "key.create", new.id, now=now, after={"name": name, "role": role})
    return new


def revoke(tx: Connection, key_id: str, *, by: Actor, now: datetime) -> None:
    """Refuse the key from now on; the last admin key stays, or nobody could make another."""
    row = tx.execute(select(KEYS).where(KEYS.c.id == key_id)).first()
    if row is None:
        raise DomainError("unknown_key", f"there is no key {key_id}; list the keys to find its id")
    if row.revoked_at is not None:
        return
    if row.role == "admin" and _admins(tx) == 1:
        raise DomainError("last_admin_key", "this is the last admin key; make another one before revoking it")
    tx.execute(update(KEYS).where(KEYS.c.id == key_id).values(revoked_at=now))
    record(tx, by, "key.revoke", key_id, now=now, before={"name": row.name, "role": row.role})


def find(tx: Connection, token: str) -> Row[Any] | None:
    """The key in force that this token belongs to."""
    if not token.startswith(_PREFIX):
        return None
    return tx.execute(select(KEYS).where(KEYS.c.key_hash == hash_of(token), KEYS.c.revoked_at.is_(None))).first()


def every(tx: Connection) -> list[Row[Any]]:
    """All keys, the revoked ones too."""
    return list(tx.execute(select(KEYS).order_by(KEYS.c.created_at, KEYS.c.id)))


def _admins(tx: Connection) -> int:
    return len(tx.execute(select(KEYS.c.id).where(KEYS.c.role == "admin", KEYS.c.revoked_at.is_(None))).all())
