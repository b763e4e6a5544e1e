"""What carries the calls: aiohttp below httpx's interface; every failure says whether the request may have left."""

import re
import ssl
from collections.abc import AsyncIterator, Sequence
from functools import cache
from typing import Any

import aiohttp
import httpx
from yarl import URL

from connectors.kit.egress import GuardedResolver, refuse_private

KEEPS_IDLE_S = 5.0
"""A connection that the platform closes just when it is used again leaves a write in doubt, and costs a look-up."""
LONGEST_HEADER = 64 * 1024
_UNSENDABLE = re.compile(rb"[\r\n\0]")


class Transport(httpx.AsyncBaseTransport):
    """Dials public addresses and those of the setting only. No proxy, no cookie, no redirect, nothing sent twice."""

    def __init__(self, allow: Sequence[str], most_connections: int) -> None:
        self._allow = tuple(allow)
        self._most_connections = most_connections
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        refuse_private(request.url.host, self._allow)
        if any(_UNSENDABLE.search(value) for _, value in request.headers.raw):
            raise httpx.LocalProtocolError("a header holds a line break")
        try:
            answer = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                timeout=_timeout(**request.extensions["timeout"]),
            )
        except aiohttp.ClientError as failure:
            raise as_httpx(failure) from failure
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer), request=request)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """At the first call, since aiohttp wants a running loop."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._most_connections,
                ssl=_trusted(),
                resolver=GuardedResolver(self._allow),
                use_dns_cache=False,
                keepalive_timeout=KEEPS_IDLE_S,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # httpx unpacks, so that the limit of a body's size counts what comes out
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
                middlewares=(_once,),
            )
        return self._session


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except aiohttp.ClientError as failure:
            raise as_httpx(failure) from failure

    async def aclose(self) -> None:
        """A body that was not read to its end takes its connection with it."""
        self._answer.release()


async def _once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Aiohttp sends a PUT or DELETE again whose connection broke, but not when the failure is of a class of ours."""
    try:
        return await send(request)
    except aiohttp.ClientError as failure:
        raise as_httpx(failure) from failure


def as_httpx(failure: aiohttp.ClientError) -> httpx.TransportError:
    """Only what failed while connecting provably left nothing; httpx-aiohttp calls a lost reply a connect timeout."""
    kind: type[httpx.TransportError]
    match failure:
        case aiohttp.ClientConnectorError():
            kind = httpx.ConnectError
        case aiohttp.ConnectionTimeoutError():
            kind = httpx.ConnectTimeout
        case aiohttp.ServerTimeoutError():
            kind = httpx.ReadTimeout
        case aiohttp.InvalidURL():
            kind = httpx.UnsupportedProtocol
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError():
            kind = httpx.RemoteProtocolError
        case _:
            kind = httpx.ReadError
    return kind(str(failure))


@cache
def _timeout(**seconds: float | None) -> aiohttp.ClientTimeout:
    """Aiohttp counts waiting for a free connection and connecting together; sending has no limit of its own there."""
    return aiohttp.ClientTimeout(
        connect=seconds["pool"], sock_connect=seconds["connect"], sock_read=seconds["read"], total=None
    )


@cache
def _trusted() -> ssl.SSLContext:
    context: Any = httpx.create_ssl_context(trust_env=False)
    assert isinstance(context, ssl.SSLContext)
    return context
