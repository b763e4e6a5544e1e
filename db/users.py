"""Users: who may sign in, with which role; names and addresses are sealed under a key per user."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Row, func, insert, select, update

from db.actors import Actor, Role
from db.audit import record
from db.rows import change as change_row
from db.rows import row
from db.tables.users import UserRow
from db.vault import Vault
from domain.errors import DomainError

USERS = UserRow.__table__  # type: ignore[attr-defined]


class User(NamedTuple):
    """A user with the name and address opened."""

    id: str
    name: str
    email: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    signed_in_at: datetime | None
    has_password: bool
    version: str


class Changed(NamedTuple):
    """What to change of a user; None leaves it."""

    name: str | None = None
    role: Role | None = None
    disabled: bool | None = None


def create(
    tx: Connection,
    vault: Vault,
    *,
    name: str,
    email: str,
    role: Role,
    by: Actor | None,
    now: datetime,
    password_hash: str | None = None,
    provider_index: str | None = None,
) -> str:
    """Make a user and return the id; nobody `by` whom means that they made themselves, as the first admin does."""
    if find_by_email(tx, vault, email):
        raise DomainError("email_taken", "there is a user with this e-mail address; change that one instead")
    user_id = f"user_{secrets.token_hex(6)}"
    new = {
        "id": user_id, "sealed_profile": vault.seal(tx, user_id, {"name": name.strip(), "email": email.strip()}),
        "email_index": vault.index(email), "role": role, "password_hash": password_hash,
        "provider_index": provider_index, "created_at": now,
    }  # fmt: skip
    tx.execute(insert(USERS).values(new))
    record(tx, by or Actor(name=user_id, role=role), "user.create", user_id, now=now, after={"role": role})
    return user_id


def change(tx: Connection, vault: Vault, user_id: str, changed: Changed, *, by: Actor, now: datetime) -> None:
    """Rename, give another role, disable or enable; somebody who can administer must remain."""
    before = row_of(tx, user_id)
    values: dict[str, Any] = {}
    if changed.name is not None:
        profile = vault.unseal(tx, user_id, before.sealed_profile)
        values["sealed_profile"] = vault.seal(tx, user_id, {**profile, "name": changed.name.strip()})
    if changed.role is not None:
        values["role"] = changed.role
    if changed.disabled is not None:
        values["disabled_at"] = (before.disabled_at or now) if changed.disabled else None
    ceases = changed.role not in {None, "admin"} or changed.disabled
    if ceases and before.role == "admin" and before.disabled_at is None and _admins(tx) == 1:
        raise DomainError("last_admin", "this is the last admin; give another user the role admin first")
    if values:
        change_row(tx, USERS, user_id, **values)
        after = row_of(tx, user_id)
        told = {"renamed": True} if changed.name is not None else {}
        record(tx, by, "user.change", user_id, now=now, before=_audited(before), after={**_audited(after), **told})


def set_password(tx: Connection, user_id: str, password_hash: str, *, by: Actor, now: datetime) -> None:
    """Replace the password by its hash."""
    change_row(tx, USERS, user_id, password_hash=password_hash)
    record(tx, by, "user.password", user_id, now=now)


def keep_hash(tx: Connection, user_id: str, password_hash: str) -> None:
    """The same password under a stronger hash."""
    change_row(tx, USERS, user_id, password_hash=password_hash)


def find_by_email(tx: Connection, vault: Vault, email: str) -> Row[Any] | None:
    """By the blind index of the address."""
    return tx.execute(select(USERS).where(USERS.c.email_index == vault.index(email))).first()


def row_of(tx: Connection, user_id: str) -> Row[Any]:
    """DomainError("unknown_user") if there is none."""
    found = row(tx, USERS, user_id)
    if found is None:
        raise DomainError("unknown_user", f"there is no user {user_id}; list the users to find the id")
    return found


def read(tx: Connection, vault: Vault, user_id: str) -> User:
    """One user, opened."""
    return opened(tx, vault, row_of(tx, user_id))


def every(tx: Connection, vault: Vault) -> list[User]:
    """All users, the disabled ones too, in the order in which they were made."""
    rows = tx.execute(select(USERS).order_by(USERS.c.created_at, USERS.c.id)).all()
    return [opened(tx, vault, found) for found in rows]


def opened(tx: Connection, vault: Vault, found: Row[Any]) -> User:
    """Unseal a user's row."""
    profile = vault.unseal(tx, found.id, found.sealed_profile)
    return User(
        id=found.id,
        name=profile["name"],
        email=profile["email"],
        role=cast("Role", found.role),
        created_at=found.created_at,
        disabled_at=found.disabled_at,
        signed_in_at=found.signed_in_at,
        has_password=found.password_hash is not None,
        version=version_of(found),
    )


def version_of(found: Row[Any]) -> str:
    """Another one after each change that an administrator makes; a new password is none."""
    told = (found.sealed_profile, found.role, found.disabled_at)
    return sha256(repr(told).encode()).hexdigest()[:16]


def is_anyone(tx: Connection) -> bool:
    """Whether there is a user at all, or the first admin is still to come."""
    return tx.execute(select(USERS.c.id).limit(1)).first() is not None


def provided(tx: Connection, provider_index: str) -> Row[Any] | None:
    """Who an OpenID provider's user is here."""
    return tx.execute(select(USERS).where(USERS.c.provider_index == provider_index)).first()


def signed_in(tx: Connection, user_id: str, now: datetime) -> None:
    """Remember when they last came."""
    tx.execute(update(USERS).where(USERS.c.id == user_id).values(signed_in_at=now))


def _admins(tx: Connection) -> int:
    mine = select(func.count()).select_from(USERS).where(USERS.c.role == "admin", USERS.c.disabled_at.is_(None))
    return int(tx.execute(mine).scalar_one())


def _audited(found: Row[Any]) -> Mapping[str, Any]:
    return {"role": found.role, "disabled": found.disabled_at is not None}
