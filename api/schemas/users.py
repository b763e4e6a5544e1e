"""Users as the API shows them, and what a sign-in gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.orders import FromRow
from api.schemas.text import Name, Strict
from db.actors import Role

Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]
Secret = Annotated[str, Field(min_length=1, max_length=200)]
"""What a caller says that a password or code is."""
NewPassword = Annotated[str, Field(min_length=12, max_length=200, description="long is what counts")]


class SignInIn(Strict):
    """What a person types."""

    email: Email
    password: Secret


class CodeIn(Strict):
    """What a sign-in link carries."""

    code: Secret


class FirstIn(CodeIn):
    """The first admin, by the code that `tutti up` prints."""

    name: Name
    email: Email
    password: NewPassword


class ProviderOut(BaseModel):
    """The OpenID provider, by the name that people know."""

    name: str


class OptionsOut(BaseModel):
    """How one may sign in here; `first_admin`: nobody can yet, the first admin comes by a link."""

    password: bool
    oidc: ProviderOut | None
    first_admin: bool


class WhoOut(FromRow):
    """Who signed in."""

    id: str
    name: str
    email: str
    role: Role


class SessionOut(BaseModel):
    """`token` is shown only here; it is good until `expires_at`, or until it was not used for a while."""

    token: str
    expires_at: datetime
    user: WhoOut


class MeOut(BaseModel):
    """Who calls: a user who signed in, or a key."""

    id: str
    name: str
    email: str | None
    role: Role
    kind: Literal["user", "key"]
    expires_at: datetime | None
    has_password: bool


class PasswordIn(Strict):
    """`current` may be left out by who has no password, and just after signing in by a link."""

    current: Secret | None = None
    new: NewPassword


class UserIn(Strict):
    """A user to be made; a sign-in link lets them in."""

    name: Name
    email: Email
    role: Role


class UserChange(Strict):
    """What to change; what is left out stays."""

    name: Name | None = None
    role: Role | None = None
    disabled: bool | None = None


class UserOut(FromRow):
    """A user; `disabled_at` is when they were locked out."""

    id: str
    name: str
    email: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    signed_in_at: datetime | None
    has_password: bool
    version: str


class LinkOut(BaseModel):
    """A sign-in link: good once, until `expires_at`; shown only here."""

    code: str
    address: str
    expires_at: datetime
