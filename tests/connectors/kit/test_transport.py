"""The wire itself: what provably never left, what may have, and that nothing is sent twice or remembered."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.contract import Surroundings
from connectors.errors import ConnectorError, OutcomeUnknownError, RejectedError, TryAgainError
from connectors.kit.http import HttpClient, HttpSettings

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
METHODS = ("POST", "PUT", "DELETE", "PATCH", "GET")
Handle = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Platform:
    """A server that does to each request, in order, what it is told; the last one for all that follow."""

    does: list[Handle]
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                self.heard.append(await reader.readuntil(b"\r\n\r\n"))
                await self.does[min(len(self.heard), len(self.does)) - 1](writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def platform(*does: Handle) -> AsyncIterator[Platform]:
    made = Platform(list(does))
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


@asynccontextmanager
async def client(port: int, **settings: Any) -> AsyncIterator[HttpClient]:
    base_url = settings.pop("base_url", f"http://127.0.0.1:{port}")
    around = Surroundings(connection_id="c1", egress_allow=("127.0.0.1", "localhost"))
    opened = HttpClient.open(HttpSettings("Acme", base_url, **settings), around)
    try:
        yield opened
    finally:
        await opened.close()


def answers(answer: bytes) -> Handle:
    async def handle(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return handle


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def resets(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def says_nothing(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


async def breaks_off(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    await writer.drain()
    writer.close()


async def failure_of(call: Awaitable[object]) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        await call
    return caught.value


async def refused_port() -> int:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("breaks", [hangs_up, resets, says_nothing, breaks_off, answers(b"220 smtp ready\r\n\r\n")])
async def test_a_reply_that_is_lost_leaves_a_write_in_doubt_and_is_not_sent_again(method, breaks):
    async with platform(answers(OK), breaks) as acme, client(acme.port, answer_within=0.3) as http:
        await http.write("POST", "/first")  # so that what breaks is a connection that was kept

        failure = await failure_of(http.write(method, "/second"))

    assert isinstance(failure, OutcomeUnknownError)
    assert [line.split()[1] for line in acme.heard] == [b"/first", b"/second"]
    assert acme.connections == 1


async def test_a_reply_that_is_lost_lets_a_read_be_repeated():
    async with platform(hangs_up) as acme, client(acme.port) as http:
        assert isinstance(await failure_of(http.read("GET", "/orders")), TryAgainError)
        assert len(acme.heard) == 1


async def test_what_never_left_may_be_repeated():
    async with client(await refused_port()) as http:
        assert isinstance(await failure_of(http.write("POST", "/orders")), TryAgainError)


async def test_a_name_without_an_address_may_be_tried_again():
    async with client(0, base_url="http://nobody.invalid") as http:
        assert isinstance(await failure_of(http.write("POST", "/orders")), TryAgainError)


async def test_a_platform_that_is_not_who_it_says_hears_nothing():
    async with platform(answers(OK)) as acme, client(0, base_url=f"https://127.0.0.1:{acme.port}") as http:
        assert isinstance(await failure_of(http.write("POST", "/orders")), TryAgainError)
        assert acme.heard == []


async def test_waiting_for_a_connection_is_not_in_doubt():
    async with platform(says_nothing) as acme, client(acme.port, most_connections=1, answer_within=0.4) as http:
        first = asyncio.create_task(failure_of(http.write("POST", "/first")))
        await asyncio.sleep(0.1)
        second = await failure_of(http.write("POST", "/second", timeout=0.1))

        assert isinstance(second, TryAgainError)
        assert isinstance(await first, OutcomeUnknownError)
        assert len(acme.heard) == 1


@pytest.mark.parametrize("headers", [{"authorization": "Bearer a\nb"}, {"authorization": "Bearer a\r\nx: y"}])
async def test_a_header_that_would_become_two_is_refused(headers):
    async with platform(answers(OK)) as acme, client(acme.port, headers=headers) as http:
        assert isinstance(await failure_of(http.write("POST", "/orders")), RejectedError)
        assert acme.heard == []


async def test_an_address_with_a_password_is_refused():
    with pytest.raises(RejectedError, match="password"):
        HttpClient.open(HttpSettings("Acme", "https://ada:secret@acme.example"), Surroundings(connection_id="c1"))


async def test_no_cookie_comes_back_and_connections_are_kept():
    cookie = b"HTTP/1.1 200 OK\r\nset-cookie: id=1\r\ncontent-length: 2\r\n\r\n{}"
    async with platform(answers(cookie)) as acme, client(acme.port) as http:
        for _ in range(3):
            await http.read("GET", "/orders")

    assert b"cookie" not in b"".join(acme.heard).lower()
    assert (len(acme.heard), acme.connections) == (3, 1)


async def test_a_packed_answer_is_unpacked_and_counted_by_what_comes_out():
    packed = gzip.compress(b" " * 5000 + b"{}")
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    async with platform(answers(head + packed)) as acme:
        async with client(acme.port) as http:
            assert (await http.read("GET", "/orders")).body.strip() == b"{}"
        async with client(acme.port, most_bytes=1000) as http:
            assert isinstance(await failure_of(http.read("GET", "/orders")), TryAgainError)


async def test_a_signed_address_is_sent_as_it_is():
    async with platform(answers(OK)) as acme, client(acme.port) as http:
        await http.read("GET", "/a%2Fb", params={"filter": "a+b&c", "path": "/x"})

    assert acme.heard[0].split()[1] == b"/a%2Fb?filter=a%2Bb%26c&path=%2Fx"
