"""A little OpenID provider behind a real server: it checks what a client must send, and lies when it is told to."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, Header, HTTPException
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "tutti-console", "a secret of the client"


class OpenIdProvider:
    """`person` signs in without being asked; `lies` are put into the id token; `key` signs it."""

    def __init__(self) -> None:
        self.address = ""
        self.person: dict[str, Any] = {"sub": "u1"}
        self.lies: dict[str, Any] = {}
        self.published = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.key: RSAKey | OctKey = self.published
        self.algorithm = "RS256"
        self.in_userinfo: set[str] = set()
        self.asked: dict[str, dict[str, str]] = {}
        self.app = FastAPI()
        self._serve()

    def _serve(self) -> None:
        app = self.app

        @app.get("/.well-known/openid-configuration")
        def configuration() -> dict[str, Any]:
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "jwks_uri": f"{self.address}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
            }

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return {"keys": [self.published.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(
            response_type: str, client_id: str, redirect_uri: str, scope: str, state: str, nonce: str,
            code_challenge: str, code_challenge_method: str,
        ) -> RedirectResponse:  # fmt: skip
            assert (response_type, client_id, code_challenge_method) == ("code", CLIENT, "S256")
            assert "openid" in scope.split()
            code = f"code-{len(self.asked)}"
            self.asked[code] = {"challenge": code_challenge, "nonce": nonce, "redirect_uri": redirect_uri}
            return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 302)

        @app.post("/token")
        def token(
            grant_type: str = Form(), code: str = Form(), redirect_uri: str = Form(), code_verifier: str = Form(),
            authorization: str = Header(),
        ) -> dict[str, Any]:  # fmt: skip
            asked = self.asked.pop(code, None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")
            right = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            if asked is None or grant_type != "authorization_code" or authorization != f"Basic {right}":
                raise HTTPException(400)
            if (asked["challenge"], asked["redirect_uri"]) != (challenge, redirect_uri):
                raise HTTPException(400)
            return {"access_token": "opaque", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

        @app.get("/userinfo")
        def userinfo(authorization: str = Header()) -> dict[str, Any]:
            assert authorization == "Bearer opaque"
            return {"sub": self.person["sub"], **{name: self.person[name] for name in self.in_userinfo}}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        told = {name: value for name, value in self.person.items() if name not in self.in_userinfo}
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce, **told, **self.lies}
        header = {"alg": self.algorithm, "kid": self.published.kid}
        if self.algorithm == "none":
            parts = (
                base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)
            )
            return f"{'.'.join(parts)}."
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


@contextmanager
def running() -> Iterator[OpenIdProvider]:
    """On a free port of this machine."""
    provider = OpenIdProvider()
    server = uvicorn.Server(uvicorn.Config(provider.app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    provider.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield provider
    server.should_exit = True
    thread.join()
