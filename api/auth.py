"""Who may call: users who signed in and API keys, with their roles; checked here and nowhere else."""

from datetime import timedelta
from typing import Annotated, Any, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from api.deps import HubDep, Now
from api.errors import ProblemError
from api.rates import Rates
from db import api_keys, sessions
from db.actors import Actor, Role
from runtime.settings import Settings
from runtime.wiring import Hub

_BEARER = HTTPBearer(
    scheme_name="ApiKey",
    bearerFormat="tutti_…",
    description="`Authorization: Bearer …` with a key (`tutti_…`) or the token of a session (`tuttis_…`); "
    "the scope is the least role that may call.",
    auto_error=False,
)
UNATTENDED = "X-Tutti-Unattended"
"""A header of calls that a page makes by itself: they are no use of a session, which ends when nobody uses it."""
_CALLS = Rates(per_second=200, burst=400)
"""Per caller: far above what a person or a script needs, and below what one could take from the others."""


async def _actor(
    request: Request,
    needed: SecurityScopes,
    hub: HubDep,
    now: Now,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Actor:
    """The caller, if the key or session is in force and the role is high enough."""
    token = given.credentials if given else ""
    find = _user if token.startswith(sessions.PREFIX) else _key
    actor = await find(hub, token, request, now)
    _CALLS.take(actor.id)
    for role in needed.scopes:
        demand(actor, cast("Role", role))
    return actor


async def _key(hub: Hub, token: str, request: Request, _now: object) -> Actor:
    key = await hub.database.read(lambda tx: api_keys.find(tx, token)) if token else None
    if key is None:
        raise ProblemError(401, "not_authenticated", "send a key in force: `Authorization: Bearer tutti_…`")
    return Actor(name=key.name, role=key.role, origin=origin_of(request), id=key.id)


async def _user(hub: Hub, token: str, request: Request, now: Now) -> Actor:
    found = await hub.database.read(lambda tx: sessions.find(tx, token))
    if found is None:
        raise ProblemError(401, "not_authenticated", "there is no such session; sign in")
    if sessions.is_over(found, lasting(hub.settings), now):
        raise ProblemError(401, "session_expired", "the session is over; sign in again")
    if UNATTENDED not in request.headers and sessions.is_to_be_touched(found, now):
        await hub.database.write(lambda tx: sessions.touch(tx, found.id, now))
    return Actor(name=found.user_id, role=found.role, origin=origin_of(request), id=found.user_id, session_id=found.id)


def lasting(settings: Settings) -> sessions.Lasting:
    """How long sessions last here."""
    return sessions.Lasting(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))


def origin_of(request: Request) -> str:
    """The network address of the caller, as the audit log keeps it."""
    return request.client.host if request.client else ""


def the_user(caller: Actor) -> Actor:
    """A 409 for a key: what is asked for belongs to a person."""
    if not caller.session_id:
        raise ProblemError(409, "only_for_users", "this belongs to a user who signed in, and the caller is a key")
    return caller


def demand(actor: Actor, role: Role) -> None:
    """A 403 unless the role is high enough; for the parts of an answer that need more than the whole."""
    if not actor.may(role):
        raise ProblemError(403, "role_too_low", f"this needs the role {role}; yours is {actor.role}")


def requires(role: Role) -> Any:
    """Let this role and every higher one pass; a route writes it within `Annotated[Actor, …]`, as below."""
    return Security(_actor, scopes=[role])


Viewer = Annotated[Actor, requires("viewer")]
Support = Annotated[Actor, requires("support")]
Operations = Annotated[Actor, requires("operations")]
Admin = Annotated[Actor, requires("admin")]
