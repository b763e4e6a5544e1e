"""Signing in at the company's OpenID provider: sent there, and back with a one-time code for the console."""

import base64
import json
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from api.auth import origin_of
from api.deps import HubDep, Now, ProviderDep
from api.errors import ProblemError
from db import audit, one_time_codes
from db.actors import Actor
from db.provider_users import admit
from domain.errors import DomainError
from runtime.keys import CannotDecryptError
from runtime.oidc import LASTS, Asked, Provider, ProviderError, admission
from runtime.wiring import Hub

router = APIRouter(prefix="/sign-in/oidc", tags=["sign-in"])

_LOG = structlog.get_logger(__name__)
_COOKIE, _PURPOSE = "tutti_oidc", b"openid sign-in"
_SENT: dict[int | str, dict[str, Any]] = {
    302: {"description": "To the provider, or to the console: with a one-time code, or with the `error` why not"},
    404: {"description": "No provider is set"},
}


@router.get("", response_class=RedirectResponse, status_code=302, responses=_SENT)
async def start_oidc(
    request: Request,
    hub: HubDep,
    provider: ProviderDep,
    now: Now,
    return_to: Annotated[str, Query(max_length=2000, description="an address of the console")] = "",
) -> RedirectResponse:
    """Send the person to the provider."""
    asked = Asked.now(_inside(hub, return_to), now)
    try:
        answer = RedirectResponse(await _set(provider).address(asked), 302)
    except ProviderError as error:
        return _back(asked.return_to, error=_logged(error))
    sealed = base64.urlsafe_b64encode(hub.keys.encrypt(json.dumps(asked).encode(), _PURPOSE)).decode()
    answer.set_cookie(
        _COOKIE, sealed, max_age=int(LASTS.total_seconds()), path=router.prefix, httponly=True, samesite="lax",
        secure=_is_secure(hub, request),
    )  # fmt: skip
    return answer


@router.get("/callback", response_class=RedirectResponse, status_code=302, responses=_SENT)
async def finish_oidc(
    request: Request,
    hub: HubDep,
    provider: ProviderDep,
    now: Now,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200, description="why the provider let nobody in")] = "",
) -> RedirectResponse:
    """Take the person back: to the console with a one-time code, or with the reason why not."""
    known = _set(provider)
    asked = _asked(hub, request.cookies.get(_COOKIE, ""), state, now)
    if asked is None:
        return _back(f"{hub.settings.console_address}/sign-in", error="sign_in_lost")
    if error or not code:
        return _back(asked.return_to, error="provider_refused")
    try:
        claims = await known.claims(asked, code)
        new = await hub.database.write(lambda tx: _admitted(tx, hub, claims, now))
    except ProviderError as failed:
        return _back(asked.return_to, error=_logged(failed))
    except DomainError as refusal:
        why = str(refusal)
        await hub.database.write(lambda tx: _refused(tx, origin_of(request), why, now))
        return _back(asked.return_to, error=refusal.code)
    return _back(asked.return_to, code=new.code)


def _set(provider: Provider | None) -> Provider:
    if provider is None:
        raise ProblemError(404, "no_provider", "no OpenID provider is set here; sign in by password or link")
    return provider


def _inside(hub: Hub, return_to: str) -> str:
    """Only the console is gone back to: anywhere else the code would be somebody else's."""
    console = hub.settings.console_address
    wanted, ours = urlsplit(return_to or f"{console}/sign-in"), urlsplit(console)
    if (wanted.scheme, wanted.netloc) != (ours.scheme, ours.netloc) or "\\" in return_to:
        raise ProblemError(422, "bad_request", f"return_to: only an address of the console ({console}) is gone back to")
    return wanted._replace(fragment="").geturl()


def _asked(hub: Hub, cookie: str, state: str, now: datetime) -> Asked | None:
    """What this browser was sent away with; None if it was not, or too long ago, or for another sign-in."""
    try:
        asked = Asked(*json.loads(hub.keys.decrypt(base64.urlsafe_b64decode(cookie), _PURPOSE)))
    except (ValueError, CannotDecryptError):
        return None
    return asked if asked.state == state and asked.until > now.timestamp() else None


def _admitted(tx: Connection, hub: Hub, claims: dict[str, Any], now: datetime) -> one_time_codes.NewCode:
    return one_time_codes.make(tx, "oidc", admit(tx, hub.vault, claims, admission(hub.settings), now), now)


def _refused(tx: Connection, origin: str, why: str, now: datetime) -> None:
    nobody = Actor(name="nobody", role="viewer", origin=origin)
    audit.record(tx, nobody, "sign_in.refused", "provider", now=now, after={"why": why})


def _logged(error: ProviderError) -> str:
    _LOG.warning("the OpenID provider let nobody in", code=error.code, reason=str(error))
    return error.code


def _back(return_to: str, **told: str) -> RedirectResponse:
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in told.items())
    answer = RedirectResponse(f"{return_to}{'&' if '?' in return_to else '?'}{added}", 302)
    answer.delete_cookie(_COOKIE, path=router.prefix)
    return answer


def _is_secure(hub: Hub, request: Request) -> bool:
    return request.url.scheme == "https" or hub.settings.public_url.startswith("https:")
