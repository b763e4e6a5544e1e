"""Signing in: by password, by a one-time code, and the first admin."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection, Row

from api.auth import lasting, origin_of
from api.deps import HubDep, Now, PasswordsDep
from api.errors import ProblemError
from api.schemas.users import CodeIn, FirstIn, OptionsOut, ProviderOut, SessionOut, SignInIn, WhoOut
from db import audit, one_time_codes, sessions, sign_in_tries, users
from db.actors import Actor
from db.sessions import BegunBy
from domain.errors import DomainError
from runtime.wiring import Hub

router = APIRouter(prefix="/sign-in", tags=["sign-in"])

_REFUSED: dict[int | str, dict[str, Any]] = {
    401: {"description": "They do not fit, or the code is spent"},
    429: {"description": "Too many tries; Retry-After says when to come again"},
}


@router.get("/options")
async def sign_in_options(hub: HubDep) -> OptionsOut:
    """How one may sign in here."""
    anyone = await hub.database.read(users.is_anyone)
    provider = ProviderOut(name=hub.settings.oidc_name) if hub.settings.oidc_issuer else None
    return OptionsOut(password=hub.settings.password_sign_in, oidc=provider, first_admin=not anyone)


@router.post("", responses=_REFUSED)
async def sign_in(wish: SignInIn, request: Request, hub: HubDep, passwords: PasswordsDep, now: Now) -> SessionOut:
    """By e-mail address and password; a wrong address is refused like a wrong password."""
    if not hub.settings.password_sign_in:
        raise ProblemError(409, "no_password_sign_in", "passwords are switched off here; use the provider")
    origin = origin_of(request)
    email_key, address_key = (hub.keys.blind_index(f"sign-in {who}") for who in (wish.email.strip().lower(), origin))
    limits = {email_key: sign_in_tries.PER_EMAIL, address_key: sign_in_tries.PER_ADDRESS}
    _wait(await hub.database.write(lambda tx: sign_in_tries.begin(tx, limits, now)), now)

    found = await hub.database.read(lambda tx: users.find_by_email(tx, hub.vault, wish.email))
    verdict = await passwords.verify(wish.password, found.password_hash if found else None)
    if found is None or found.disabled_at is not None or not verdict.fits:
        await hub.database.write(lambda tx: _refused(tx, found, origin, now))
        raise ProblemError(401, "sign_in_refused", "address and password do not fit; an admin can make a sign-in link")

    def work(tx: Connection) -> SessionOut:
        sign_in_tries.clear(tx, email_key)
        sign_in_tries.give_back(tx, address_key)
        if verdict.renewed:
            users.keep_hash(tx, found.id, verdict.renewed)
        return _begun(tx, hub, found.id, "password", origin, now)

    return await hub.database.write(work)


@router.post("/code", responses=_REFUSED)
async def redeem_code(wish: CodeIn, request: Request, hub: HubDep, now: Now) -> SessionOut:
    """By the code of a sign-in link, or the one that signing in at the provider ends with; good once."""

    def work(tx: Connection) -> SessionOut:
        spent = one_time_codes.spend(tx, wish.code, now, first=False)
        begun_by: BegunBy = "oidc" if spent.purpose == "oidc" else "code"
        return _begun(tx, hub, spent.user_id, begun_by, origin_of(request), now)

    return await hub.database.write(_refusing(work))


@router.post("/first", responses=_REFUSED)
async def sign_in_first(wish: FirstIn, request: Request, hub: HubDep, passwords: PasswordsDep, now: Now) -> SessionOut:
    """Make the first admin, by the code that `tutti up` prints while there is no user."""
    if not await hub.database.read(lambda tx: one_time_codes.is_first(tx, wish.code)):
        raise ProblemError(401, "code_spent", "this is not the first admin's link; `tutti up` prints it at its start")
    password_hash = await passwords.hash(wish.password)

    def work(tx: Connection) -> SessionOut:
        if users.is_anyone(tx):
            raise DomainError("users_exist", "there are users already; an admin can make a sign-in link")
        one_time_codes.spend(tx, wish.code, now, first=True)
        user_id = users.create(
            tx, hub.vault, name=wish.name, email=wish.email, role="admin", by=None, now=now,
            password_hash=password_hash,
        )  # fmt: skip
        return _begun(tx, hub, user_id, "password", origin_of(request), now)

    return await hub.database.write(_refusing(work))


def _wait(until: datetime | None, now: datetime) -> None:
    if until is not None:
        wait = max(1, math.ceil((until - now).total_seconds()))
        text = f"too many tries to sign in; come again in {math.ceil(wait / 60)} min, or ask an admin for a link"
        raise ProblemError(429, "too_many_tries", text, headers={"Retry-After": str(wait)})


def _refused(tx: Connection, found: Row[Any] | None, origin: str, now: datetime) -> None:
    nobody = Actor(name="nobody", role="viewer", origin=origin)
    audit.record(tx, nobody, "sign_in.refused", found.id if found else "unknown", now=now)


def _begun(tx: Connection, hub: Hub, user_id: str, begun_by: BegunBy, origin: str, now: datetime) -> SessionOut:
    user = users.read(tx, hub.vault, user_id)
    if user.disabled_at is not None:
        raise ProblemError(401, "sign_in_refused", "this user is disabled; ask an admin")
    new = sessions.begin(tx, user_id, begun_by=begun_by, lasting=lasting(hub.settings), now=now)
    who = Actor(name=user_id, role=user.role, origin=origin)
    audit.record(tx, who, "sign_in", user_id, now=now, after={"by": begun_by})
    return SessionOut(token=new.token, expires_at=new.expires_at, user=WhoOut.model_validate(user))


def _refusing(work: Callable[[Connection], SessionOut]) -> Callable[[Connection], SessionOut]:
    """A spent code is a 401: whoever brings it is nobody."""

    def refusing(tx: Connection) -> SessionOut:
        try:
            return work(tx)
        except DomainError as refusal:
            if refusal.code == "code_spent":
                raise ProblemError(401, refusal.code, str(refusal)) from None
            raise

    return refusing
