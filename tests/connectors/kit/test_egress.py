"""Addresses that users type do not lead into private networks."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connectors.contract import Surroundings
from connectors.errors import RejectedError
from connectors.kit.egress import is_allowed, is_public
from connectors.kit.http import HttpClient, HttpSettings

PRIVATE_HOSTS = [
    "127.0.0.1", "localhost", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0177.0.0.1", "2130706433", "10.1.2.3",
    "[fd00::1]", "0.0.0.0", "100.64.0.1", "224.0.0.1", "[64:ff9b::a00:1]", "[2002:a00:1::]", "192.168.0.1",
]  # fmt: skip


@asynccontextmanager
async def opened(base_url: str, *allow: str) -> AsyncIterator[HttpClient]:
    acme = HttpClient.open(HttpSettings("Acme", base_url), Surroundings(connection_id="c1", egress_allow=allow))
    try:
        yield acme
    finally:
        await acme.close()


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
async def test_refuses_private_addresses_in_every_spelling(host):
    with pytest.raises(RejectedError):
        async with opened(f"http://{host}:9") as acme:
            await acme.read("GET", "/")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_the_open_internet_is_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("allow", ["localhost", "127.0.0.1", "127.0.0.0/8"])
def test_a_named_exception_is_allowed(allow):
    assert is_allowed("localhost", ipaddress.ip_address("127.0.0.1"), [allow])


def test_an_exception_does_not_open_other_networks():
    assert not is_allowed("db", ipaddress.ip_address("10.0.0.5"), ["127.0.0.0/8", "localhost", "not an address"])


async def test_reaches_an_allowed_local_server():
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async with opened(f"http://127.0.0.1:{port}", "127.0.0.1") as acme:
        answer = await acme.read("GET", "/")

    server.close()
    assert answer.body == b"{}"
