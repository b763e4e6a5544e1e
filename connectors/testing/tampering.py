"""A transport between connector and simulator that spoils one exchange, or all of them."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

Forward = Callable[[httpx.Request], Awaitable[httpx.Response]]
Spoil = Callable[[httpx.Request, Forward], Awaitable[httpx.Response]]


async def forward(request: httpx.Request, to_platform: Forward) -> httpx.Response:
    """Spoil nothing."""
    return await to_platform(request)


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Spoil:
    """Answer in the platform's place, which hears nothing."""

    async def spoil(_request: httpx.Request, _to_platform: Forward) -> httpx.Response:
        return httpx.Response(status, headers=headers, content=body)

    return spoil


def echo(status: int) -> Spoil:
    """Refuse, and repeat everything that was sent, as careless platforms do."""

    async def spoil(request: httpx.Request, _to_platform: Forward) -> httpx.Response:
        said = f"{request.url} {dict(request.headers)} {request.content.decode()}"
        return httpx.Response(status, content=json.dumps({"error": [said], said: ["wrong"], "message": said}).encode())

    return spoil


def lose(failure: type[httpx.TransportError]) -> Spoil:
    """Fail before the platform hears anything."""

    async def spoil(request: httpx.Request, _to_platform: Forward) -> httpx.Response:
        raise failure(f"lost on the way to {request.url}")

    return spoil


async def commit_then_drop(request: httpx.Request, to_platform: Forward) -> httpx.Response:
    """The platform acts, its answer never arrives."""
    await to_platform(request)
    raise httpx.ReadError(f"no answer from {request.url}")


async def twice(request: httpx.Request, to_platform: Forward) -> httpx.Response:
    """The network repeats the request; the second answer arrives."""
    await to_platform(request)
    return await to_platform(request)


def garble(body: bytes) -> Spoil:
    """The platform acts, and its answer is a success with another body."""

    async def spoil(request: httpx.Request, to_platform: Forward) -> httpx.Response:
        real = await to_platform(request)
        return httpx.Response(real.status_code, content=body)

    return spoil


class TamperingTransport(httpx.AsyncBaseTransport):
    """Spoils the exchange with number `at` (from 0), or every one; counts exchanges and what each one committed."""

    def __init__(self, inner: Any, committed: Callable[[], int] | None = None) -> None:
        self._inner = inner
        self._committed = committed or (lambda: 0)
        self.spoil_with(forward)

    def spoil_with(self, spoil: Spoil, at: int | None = None) -> None:
        """Start counting anew."""
        self._spoil = spoil
        self._at = at
        self.exchanges = 0
        self.commits: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        number, before = self.exchanges, self._committed()
        self.exchanges += 1
        spoil = self._spoil if self._at in {None, number} else forward
        try:
            return await spoil(request, self._forward)
        finally:
            if self._committed() > before:
                self.commits.append(number)

    async def _forward(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = await self._inner.handle_async_request(request)
        await response.aread()
        return response
