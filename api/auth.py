"""Who may call: API keys and their roles, checked here and nowhere else."""

from typing import Annotated, Any, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from api.deps import HubDep
from api.errors import ProblemError
from api.rates import Rates
from db import api_keys
from db.actors import Actor, Role

_BEARER = HTTPBearer(
    scheme_name="ApiKey",
    bearerFormat="tutti_…",
    description="`Authorization: Bearer tutti_…`; the scope is the least role that may call.",
    auto_error=False,
)
_CALLS = Rates(per_second=200, burst=400)
"""Per key: far above what a person or a script needs, and below what one key could take from the others."""


async def _actor(
    request: Request,
    needed: SecurityScopes,
    hub: HubDep,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Actor:
    """The caller, if its key is in force and its role is high enough."""
    token = given.credentials if given else ""
    key = await hub.database.read(lambda tx: api_keys.find(tx, token)) if token else None
    if key is None:
        raise ProblemError(401, "not_authenticated", "send a key in force: `Authorization: Bearer tutti_…`")
    _CALLS.take(key.id)
    actor = Actor(name=key.name, role=key.role, origin=request.client.host if request.client else "")
    for role in needed.scopes:
        demand(actor, cast("Role", role))
    return actor


def demand(actor: Actor, role: Role) -> None:
    """A 403 unless the role is high enough; for the parts of an answer that need more than the whole."""
    if not actor.may(role):
        raise ProblemError(403, "role_too_low", f"this needs the role {role}; the key has {actor.role}")


def requires(role: Role) -> Any:
    """Let this role and every higher one pass; a route writes it within `Annotated[Actor, …]`, as below."""
    return Security(_actor, scopes=[role])


Viewer = Annotated[Actor, requires("viewer")]
Support = Annotated[Actor, requires("support")]
Operations = Annotated[Actor, requires("operations")]
Admin = Annotated[Actor, requires("admin")]
