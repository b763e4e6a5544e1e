"""People who sign in: users, their sessions, one-time codes, failed tries, and the views that they saved."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, LargeBinary, PrimaryKeyConstraint, String
from sqlmodel import Field, SQLModel

from db.types import instant


class UserRow(SQLModel, table=True):
    """A person of the staff; name and e-mail address are sealed under a key of their own, like a buyer's."""

    __tablename__ = "users"
    id: str = Field(primary_key=True)
    sealed_profile: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    email_index: str = Field(unique=True)
    role: str
    password_hash: str | None = None
    provider_index: str | None = Field(default=None, unique=True, description="who they are at the OpenID provider")
    created_at: datetime = instant()
    disabled_at: datetime | None = instant(nullable=True)
    signed_in_at: datetime | None = instant(nullable=True)


class SessionRow(SQLModel, table=True):
    """A sign-in that lasts; only the token's hash is kept, and an ended one stays for a while to be told from none."""

    __tablename__ = "sessions"
    id: str = Field(primary_key=True)
    user_id: str = Field(sa_column=Column(String, ForeignKey("users.id"), nullable=False, index=True))
    token_hash: str = Field(unique=True)
    begun_by: str = Field(description="password, code or oidc")
    created_at: datetime = instant()
    used_at: datetime = instant()
    expires_at: datetime = instant(index=True)
    ended_at: datetime | None = instant(nullable=True)


class OneTimeCodeRow(SQLModel, table=True):
    """A code that signs in once: a link, the end of OpenID Connect, or (without a user) the first admin's."""

    __tablename__ = "one_time_codes"
    code_hash: str = Field(primary_key=True)
    user_id: str | None = Field(
        default=None, sa_column=Column(String, ForeignKey("users.id"), nullable=True, index=True)
    )
    purpose: str = Field(description="link, oidc or first")
    expires_at: datetime = instant(index=True)
    spent_at: datetime | None = instant(nullable=True)


class SignInTryRow(SQLModel, table=True):
    """Tries to sign in that did not succeed, per e-mail address and per network address, both as blind indexes."""

    __tablename__ = "sign_in_tries"
    key: str = Field(primary_key=True)
    tries: int
    since: datetime = instant(index=True)


class SavedViewRow(SQLModel, table=True):
    """A user's filter of a page; sealed under the user's key, because people look for people."""

    __tablename__ = "saved_views"
    __table_args__ = (PrimaryKeyConstraint("user_id", "page", "name"),)
    user_id: str = Field(sa_column=Column(String, ForeignKey("users.id"), nullable=False))
    page: str
    name: str
    sealed_query: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    changed_at: datetime = instant()
