"""Codes that sign in once: a link that an admin passes on, the end of OpenID Connect, the first admin's."""

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, select, update

from db.tables.users import OneTimeCodeRow
from db.tokens import hash_of, new_token
from domain.errors import DomainError

CODES = OneTimeCodeRow.__table__  # type: ignore[attr-defined]
Purpose = Literal["link", "oidc", "first"]
LASTS: dict[Purpose, timedelta] = {
    "link": timedelta(hours=24),
    "oidc": timedelta(minutes=2),
    "first": timedelta(hours=24),
}


class NewCode(NamedTuple):
    """A code; nothing can show it again."""

    code: str
    expires_at: datetime


def make(tx: Connection, purpose: Purpose, user_id: str | None, now: datetime) -> NewCode:
    """A code; an older link is good no longer, but a person may sign in from two browsers at once."""
    if purpose != "oidc":
        tx.execute(delete(CODES).where(_of(user_id), CODES.c.purpose == purpose, CODES.c.spent_at.is_(None)))
    new = NewCode(new_token("once_"), now + LASTS[purpose])
    tx.execute(
        insert(CODES).values(
            code_hash=hash_of(new.code), user_id=user_id, purpose=purpose, expires_at=new.expires_at
        )
    )  # fmt: skip
    return new


def spend(tx: Connection, code: str, now: datetime, *, first: bool) -> Row[Any]:
    """Redeem a code, or the first admin's; of two at once one succeeds. DomainError("code_spent") if it is good no longer."""
    which = CODES.c.user_id.is_(None) if first else CODES.c.user_id.is_not(None)
    good = (CODES.c.code_hash == hash_of(code)) & which & CODES.c.spent_at.is_(None) & (CODES.c.expires_at > now)
    spent = tx.execute(update(CODES).where(good).values(spent_at=now).returning(*CODES.c)).first()
    if spent is None:
        raise DomainError("code_spent", "this link was used, or is too old; ask for a new one")
    return spent


def forget_all(tx: Connection, user_id: str) -> None:
    """No code of this user is good any longer."""
    tx.execute(delete(CODES).where(CODES.c.user_id == user_id, CODES.c.spent_at.is_(None)))


def is_first(tx: Connection, code: str) -> bool:
    """Whether this is the first admin's code."""
    return (
        tx.execute(select(CODES.c.code_hash).where(CODES.c.code_hash == hash_of(code), _of(None))).first() is not None
    )


def _of(user_id: str | None) -> Any:
    return CODES.c.user_id.is_(None) if user_id is None else CODES.c.user_id == user_id
