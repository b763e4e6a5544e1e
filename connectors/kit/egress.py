"""Keeps addresses that users type from reaching private networks: resolved once, checked, and that one is dialed."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult

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


def refuse_private(host: str, allow: Sequence[str]) -> None:
    """RejectedError for an address that is written out and leads into a private network; names wait for the resolver."""
    try:
        address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return
    if not is_allowed(host, address, allow):
        raise _private(host)


class GuardedResolver(AbstractResolver):
    """What was checked is what is dialed; TLS still verifies the host's name."""

    def __init__(self, allow: Sequence[str]) -> None:
        self._allow = tuple(allow)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """RejectedError if any address of a name is private, so that a mixed answer does not slip through."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        addresses = {str(entry[4][0]): entry for entry in found}
        if not all(is_allowed(host, ipaddress.ip_address(each.split("%")[0]), self._allow) for each in addresses):
            raise _private(host)
        return [
            ResolveResult(hostname=host, host=each, port=port, family=entry[0], proto=entry[2], flags=0)
            for each, entry in addresses.items()
        ]

    async def close(self) -> None:
        """It holds nothing."""


def _private(host: str) -> RejectedError:
    return RejectedError(
        "the address of the platform leads into a private network",
        f"{host} is or resolves to a private address; name it in the egress setting if that is meant",
    )
