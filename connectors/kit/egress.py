"""Keeps addresses that users type from reaching private networks: resolved once, checked, and that one is dialed."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

import httpx

from connectors.errors import RejectedError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# `is_global` counts these as public although they carry an IPv4 address inside: NAT64 and 6to4.
CARRIERS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))


def is_public(address: Address) -> bool:
    """Whether this address belongs to the open internet."""
    return address.is_global and not address.is_multicast and not any(address in net for net in CARRIERS)


def is_allowed(host: str, address: Address, allow: Sequence[str]) -> bool:
    """Public, or named in the setting as the host name, the address or a network that holds it."""
    return is_public(address) or host in allow or any(address in net for net in map(_network, allow) if net)


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


async def resolve(host: str, port: int, allow: Sequence[str]) -> tuple[str, ...]:
    """The addresses to dial; RejectedError if any of them is private, so that a mixed answer does not slip through."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as failure:
        raise httpx.ConnectError(f"the name {host} has no address") from failure
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    if not all(is_allowed(host, address, allow) for address in addresses):
        raise RejectedError(
            "the address of the platform leads into a private network",
            f"{host} resolves to a private address; name it in the egress setting if that is meant",
        )
    return tuple(dict.fromkeys(map(str, addresses)))


class _PinnedBackend:
    """Wraps the pool's network backend: what was checked is what is dialed, TLS still verifies the host's name."""

    def __init__(self, inner: Any, allow: Sequence[str]) -> None:
        self._inner = inner
        self._allow = allow

    async def connect_tcp(self, host: str, port: int, **options: Any) -> Any:
        first, *others = await resolve(host, port, self._allow)
        for address in others:
            try:
                return await self._inner.connect_tcp(first, port, **options)
            except Exception:  # noqa: BLE001 - whatever it was, another address may work; the last one's error is told
                first = address
        return await self._inner.connect_tcp(first, port, **options)

    async def connect_unix_socket(self, path: str, **_options: Any) -> Any:
        raise RejectedError("the address of the platform cannot be used", f"unix sockets are not dialed: {path}")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def guarded_transport(allow: Sequence[str], limits: httpx.Limits) -> httpx.AsyncHTTPTransport:
    """The transport of httpx, without retries, that dials public addresses and those of the setting only."""
    transport = httpx.AsyncHTTPTransport(retries=0, limits=limits, trust_env=False)
    pool: Any = transport._pool  # noqa: SLF001 - httpx has no public place for a network backend; a test guards it
    pool._network_backend = _PinnedBackend(pool._network_backend, tuple(allow))  # noqa: SLF001 - as above
    return transport
