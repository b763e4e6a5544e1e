"""Sessions: begun by a sign-in, over after a time without use, after a day at most, or when somebody ends them."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from db.rows import change
from db.tables.users import SessionRow
from db.tokens import hash_of, new_token
from db.users import USERS, signed_in

SESSIONS = SessionRow.__table__  # type: ignore[attr-defined]
PREFIX = "tuttis_"
_TOUCH_AFTER = timedelta(minutes=1)
"""A use is written down at most this often, so that a page that looks every second writes nothing."""

BegunBy = Literal["password", "code", "oidc"]


class Lasting(NamedTuple):
    """How long a session lasts: unused, and at most."""

    idle: timedelta
    at_most: timedelta


class NewSession(NamedTuple):
    """A session and its token; nothing can show the token again."""

    token: str
    expires_at: datetime
    user_id: str


def begin(tx: Connection, user_id: str, *, begun_by: BegunBy, lasting: Lasting, now: datetime) -> NewSession:
    """Make a session for a user who proved who they are."""
    new = NewSession(new_token(PREFIX), now + lasting.at_most, user_id)
    tx.execute(
        insert(SESSIONS).values(
            id=f"ses_{secrets.token_hex(6)}", user_id=user_id, token_hash=hash_of(new.token), begun_by=begun_by,
            created_at=now, used_at=now, expires_at=new.expires_at,
        )
    )  # fmt: skip
    signed_in(tx, user_id, now)
    return new


def find(tx: Connection, token: str) -> Row[Any] | None:
    """The session of this token with its user's role now, whether it is over or not; None if there never was one."""
    return tx.execute(
        select(SESSIONS, USERS.c.role, USERS.c.disabled_at)
        .join(USERS, USERS.c.id == SESSIONS.c.user_id)
        .where(SESSIONS.c.token_hash == hash_of(token))
    ).first()


def is_over(session: Row[Any], lasting: Lasting, now: datetime) -> bool:
    """Ended, too old, unused for too long, or its user is disabled."""
    ended = session.ended_at is not None or session.disabled_at is not None
    return ended or now >= min(session.expires_at, session.used_at + lasting.idle)


def is_to_be_touched(session: Row[Any], now: datetime) -> bool:
    """Whether this use is to be written down."""
    return bool(now - session.used_at >= _TOUCH_AFTER)


def touch(tx: Connection, session_id: str, now: datetime) -> None:
    """It was used."""
    change(tx, SESSIONS, session_id, used_at=now)


def row_of(tx: Connection, session_id: str) -> Row[Any]:
    """The session of a caller."""
    return tx.execute(select(SESSIONS).where(SESSIONS.c.id == session_id)).one()


def end(tx: Connection, session_id: str, now: datetime) -> None:
    """Sign out; repeatable."""
    tx.execute(update(SESSIONS).where(SESSIONS.c.id == session_id, SESSIONS.c.ended_at.is_(None)).values(ended_at=now))


def end_all(tx: Connection, user_id: str, now: datetime, *, but: str = "") -> None:
    """End every session of a user, except perhaps the one that asks for it."""
    theirs = (SESSIONS.c.user_id == user_id) & SESSIONS.c.ended_at.is_(None) & (SESSIONS.c.id != but)
    tx.execute(update(SESSIONS).where(theirs).values(ended_at=now))
