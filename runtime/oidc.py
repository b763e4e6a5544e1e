"""The company's OpenID provider: where people are sent to sign in, and the proof of who they are that comes back."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from db.provider_users import Admission
from runtime.connection_config import resolved

if TYPE_CHECKING:
    from runtime.settings import Settings

SCOPES = "openid email profile"
LASTS = timedelta(minutes=10)
"""How long a person may take at the provider."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Of signatures by the provider's own key; `none` and a secret that both sides know prove nothing here."""
_FRESH_S = 3600.0
_LEEWAY_S = 120


class ProviderError(Exception):
    """`code` is for the console; the text is for the log: without personal data and without secrets."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Asked(NamedTuple):
    """What must be known again when the person comes back, sealed in a cookie meanwhile."""

    state: str
    nonce: str
    verifier: str
    return_to: str
    until: float

    @classmethod
    def now(cls, return_to: str, now: datetime) -> Asked:
        """Unguessable, and good for some minutes."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, return_to, (now + LASTS).timestamp())


def admission(settings: Settings) -> Admission:
    """Whom this installation lets in."""
    return Admission(
        role_claim=settings.oidc_role_claim,
        roles=settings.oidc_role_of,
        default_role=settings.oidc_default_role or None,
        domains=frozenset(domain.lower() for domain in settings.oidc_domains),
        trusts_email=settings.oidc_trusts_email,
    )


class Provider:
    """One per process; asks the provider itself for its addresses and keys, and again when they are an hour old."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient | None = None) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer
        self._redirect_uri = f"{settings.public_url.rstrip('/') or settings.api_url}/sign-in/oidc/callback"
        self._http = http or httpx.AsyncClient(timeout=10)
        self._known: dict[str, tuple[float, Any]] = {}

    async def address(self, asked: Asked) -> str:
        """Where the person signs in: code flow with PKCE, state and nonce."""
        places = await self._places()
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._redirect_uri,
            "scope": SCOPES,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": create_s256_code_challenge(asked.verifier),  # type: ignore[no-untyped-call] # not in its stub
            "code_challenge_method": "S256",
        }
        place = places["authorization_endpoint"]
        return f"{place}{'&' if '?' in place else '?'}{urlencode(query)}"

    async def claims(self, asked: Asked, code: str) -> dict[str, Any]:
        """Who came back, proven by the provider's signature for us, for this request, now."""
        places = await self._places()
        tokens = await self._tokens(places, asked, code)
        proven = await self._proven(places, tokens, asked.nonce)
        more = places.get("userinfo_endpoint")
        if more and ("email" not in proven or self._settings.oidc_role_claim not in proven):
            told = await self._json("GET", more, headers={"Authorization": f"Bearer {tokens['access_token']}"})
            if told.get("sub") == proven["sub"]:  # else it is about somebody else (OpenID Connect Core, 5.3.2)
                proven = {**told, **proven}
        return proven

    async def close(self) -> None:
        await self._http.aclose()

    async def _places(self) -> dict[str, Any]:
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        places: dict[str, Any] = await self._fresh(address)
        if places.get("issuer") != self._issuer:
            raise ProviderError("provider_unreachable", f"{address} speaks for another issuer; correct oidc_issuer")
        return places

    async def _tokens(self, places: dict[str, Any], asked: Asked, code: str) -> dict[str, Any]:
        client_id, secret = self._settings.oidc_client_id, resolved(self._settings.oidc_client_secret)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": asked.verifier,
        }
        ways = places.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret and "client_secret_basic" in ways:
            auth: httpx.BasicAuth | None = httpx.BasicAuth(client_id, secret)
        else:
            auth, form = None, {**form, "client_id": client_id, **({"client_secret": secret} if secret else {})}
        return await self._json("POST", places["token_endpoint"], data=form, auth=auth)

    async def _proven(self, places: dict[str, Any], tokens: dict[str, Any], nonce: str) -> dict[str, Any]:
        client_id = self._settings.oidc_client_id
        try:
            token = await self._verified(places["jwks_uri"], tokens["id_token"])
            claims = CodeIDToken(
                token.claims,
                token.header,
                {"iss": {"essential": True, "value": self._issuer}, "aud": {"essential": True, "value": client_id}},
                {"nonce": nonce, "client_id": client_id, "access_token": tokens["access_token"]},
            )
            claims.validate(leeway=_LEEWAY_S)
        except (JoseError, KeyError, ValueError) as error:
            raise ProviderError("provider_refused", f"the id token proves nothing: {type(error).__name__}") from None
        return dict(claims)

    async def _verified(self, keys_at: str, id_token: str) -> jwt.Token:
        try:
            return jwt.decode(id_token, KeySet.import_key_set(await self._fresh(keys_at)), ALGORITHMS)
        except InvalidKeyIdError:
            del self._known[keys_at]  # the provider may have changed its keys
            return jwt.decode(id_token, KeySet.import_key_set(await self._fresh(keys_at)), ALGORITHMS)

    async def _fresh(self, address: str) -> Any:
        until, found = self._known.get(address, (0.0, None))
        if until <= monotonic():
            found = await self._json("GET", address)
            self._known[address] = (monotonic() + _FRESH_S, found)
        return found

    async def _json(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        try:
            answer = await self._http.request(method, address, **more)
            found = answer.json()
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise ProviderError("provider_unreachable", f"{address}: {type(error).__name__}") from None
        if answer.is_error or not isinstance(found, dict):
            reason = found.get("error") if isinstance(found, dict) else ""
            raise ProviderError("provider_refused", f"{address} answered {answer.status_code} {reason}")
        return found
