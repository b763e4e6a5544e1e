"""Login with Amazon: a refresh token becomes access tokens that live an hour."""

import asyncio
import time
from collections.abc import Callable, Mapping

from pydantic import BaseModel

from connectors.errors import NotAuthorizedError, RejectedError
from connectors.kit.http import HttpClient

SPARE_S = 60.0
"""A token is not used in its last minute: a call could arrive after its end."""
REFUSED = {"invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope"}


class LwaToken(BaseModel):
    """The answer of the token endpoint."""

    access_token: str
    expires_in: float


class Tokens:
    """One grant's access token, fetched when it is first needed and again before it runs out.

    Source: https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api
    """

    def __init__(
        self, http: HttpClient, address: str, grant: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._address = address
        self._grant = grant
        self._clock = clock
        self._token = ""
        self._until = 0.0
        self._fetching = asyncio.Lock()

    async def current(self, *, instead_of: str = "") -> str:
        """A token that is good for a minute at least; `instead_of` is one that the platform has refused."""
        async with self._fetching:
            if not self._token or self._clock() >= self._until or self._token == instead_of:
                await self._fetch()
            return self._token

    async def _fetch(self) -> None:
        """Asking for a token changes nothing, so a broken answer may be asked for again."""
        try:
            answer = await self._http.read("POST", self._address, data=self._grant)
        except RejectedError as refused:
            if any(reason.code in REFUSED for reason in refused.reasons):
                raise NotAuthorizedError("Amazon refused the credentials", refused.engineer) from None
            raise
        token = answer.read(LwaToken)
        self._token = token.access_token
        self._until = self._clock() + token.expires_in - SPARE_S
