"""HTTP to one platform: a client with limits on time and size, whose failures are already classified."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Self, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from connectors.contract import Surroundings
from connectors.errors import RejectedError, TryAgainError, UnreadableError
from connectors.kit.limits import Limiter, Reading
from connectors.kit.outcomes import (
    Call,
    IsRefusal,
    Reasons,
    failure_of_answer,
    failure_of_transport,
    never_a_refusal,
    no_reasons,
    retry_after,
    unknown_or_again,
)
from connectors.kit.transport import Transport

T = TypeVar("T")
Headers = Mapping[str, str]


@dataclass(frozen=True)
class HttpSettings:
    """How one platform is reached. Times are seconds, `most_bytes` caps the body of an answer.

    A pause for the rate limit that is longer than `longest_pause` is handed back, so that it holds no worker.
    """

    platform: str
    base_url: str
    headers: Headers = field(default_factory=dict, repr=False)
    connect_within: float = 5.0
    answer_within: float = 10.0
    most_bytes: int = 10 * 1024 * 1024
    most_connections: int = 20
    longest_pause: float = 10.0
    limiter: Limiter | None = None
    limit_in: Callable[[Headers], Reading | None] = lambda _headers: None
    reasons: Reasons = no_reasons
    is_refusal: IsRefusal = never_a_refusal


@dataclass(frozen=True)
class Answer:
    """A success; its body is read by the model that the caller expects."""

    call: Call
    status: int
    headers: Headers
    body: bytes

    def read(self, shape: type[T] | TypeAdapter[T]) -> T:
        """The body in this shape.

        A write whose answer cannot be read has happened all the same: OutcomeUnknownError.
        For a read, no JSON at all is a broken answer (TryAgainError), and JSON of another shape is UnreadableError.
        """
        adapter = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
        try:
            return adapter.validate_json(self.body)
        except ValidationError as wrong:
            first = wrong.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole body"
        text = f"{self.call} was answered {self.status} with a body that cannot be read: {place}: {first['type']}"
        if self.call.is_write or first["type"] == "json_invalid":
            raise unknown_or_again(self.call, text)
        raise UnreadableError(f"{self.call.platform} sent what it does not document", text, field=place)


class HttpClient:
    """Makes calls to one account. Nothing is retried and no redirect followed: repeating is Temporal's decision."""

    def __init__(self, settings: HttpSettings, client: httpx.AsyncClient, transport: httpx.AsyncBaseTransport) -> None:
        self._settings = settings
        self._client = client
        self._transport = transport

    @classmethod
    def open(cls, settings: HttpSettings, around: Surroundings) -> Self:
        """No I/O. A transport given by a test is used as it is; otherwise private addresses are refused."""
        try:
            base_url = httpx.URL(settings.base_url)
        except httpx.InvalidURL:
            raise RejectedError(f"the address of {settings.platform} is not one") from None
        if base_url.userinfo:
            raise RejectedError(
                f"the address of {settings.platform} holds a password: credentials have their own fields"
            )
        transport = around.transport or Transport(around.egress_allow, settings.most_connections)
        client = httpx.AsyncClient(
            base_url=base_url,
            headers=settings.headers,
            timeout=httpx.Timeout(settings.answer_within, connect=settings.connect_within),
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )
        return cls(settings, client, transport)

    def limited(self, limiter: Limiter) -> Self:
        """The same account under another limit, for platforms that count each operation apart; closed with this one."""
        return type(self)(replace(self._settings, limiter=limiter), self._client, self._transport)

    async def close(self) -> None:
        await self._client.aclose()

    async def read(self, method: str, path: str, **request: Any) -> Answer:
        """A call that changes nothing; `request` is httpx's params, json, headers, auth."""
        return await self._call(Call(self._settings.platform, method, path, is_write=False), request)

    async def write(self, method: str, path: str, **request: Any) -> Answer:
        """A call that may change something."""
        return await self._call(Call(self._settings.platform, method, path, is_write=True), request)

    async def _call(self, call: Call, request: Mapping[str, Any]) -> Answer:
        limiter = self._settings.limiter
        if limiter is None:
            return self._accept(await self._exchange(call, request))
        if (pause := limiter.pause()) > self._settings.longest_pause:
            text = f"{call} was not made: the limit is used up for {pause:.0f} s"
            raise TryAgainError(f"{call.platform} asks to wait", text, after=timedelta(seconds=pause))
        await limiter.enter()
        reading: Reading | None = None
        try:
            answer = await self._exchange(call, request)
            reading = self._reading(answer)
        finally:
            limiter.leave(reading=reading)
        return self._accept(answer)

    async def _exchange(self, call: Call, request: Mapping[str, Any]) -> Answer:
        """The transport's timeouts are per operation; the one around them ends an answer that comes drop by drop.

        The client makes the request and the transport sends it: what the client would add between them is redirects,
        cookies and half of the processor time.
        """
        try:
            async with asyncio.timeout(self._settings.answer_within):
                response = await self._transport.handle_async_request(self._request(call, **request))
                try:
                    return Answer(call, response.status_code, response.headers, await self._body(call, response))
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failure:
            raise failure_of_transport(call, failure) from None  # httpx's texts may hold the whole address

    def _request(self, call: Call, *, auth: httpx.Auth | None = None, **parts: Any) -> httpx.Request:
        request = self._client.build_request(call.method, call.path, **parts)
        return next(auth.sync_auth_flow(request)) if auth else request

    async def _body(self, call: Call, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._settings.most_bytes:
                raise unknown_or_again(call, f"{call} was answered with more than {self._settings.most_bytes} bytes")
        return bytes(body)

    def _reading(self, answer: Answer) -> Reading | None:
        reading = self._settings.limit_in(answer.headers)
        wait = retry_after(answer.headers) if answer.status == HTTPStatus.TOO_MANY_REQUESTS else None
        return Reading(left=0.0, closed_for=wait.total_seconds()) if wait else reading

    def _accept(self, answer: Answer) -> Answer:
        told = (answer.call, answer.status, answer.headers, answer.body)
        failure = failure_of_answer(*told, self._settings.reasons, self._settings.is_refusal)
        if failure is not None:
            raise failure
        return answer
