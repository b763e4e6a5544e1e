"""A keep-alive HTTP client that costs next to nothing, so that what is measured is the server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Wire:
    """Posts requests that were put together before; as many connections as are needed at once, each used again."""

    base_url: str
    _idle: list[Connection] = field(default_factory=list)

    def request(self, path: str, headers: dict[str, str], body: bytes) -> bytes:
        """The bytes of a POST."""
        host = urlsplit(self.base_url).netloc
        lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def send(self, request: bytes) -> int:
        """The status of the answer, which must say its length."""
        self._idle = [
            (reader, writer) for reader, writer in self._idle if not reader.at_eof()
        ]  # the server closed those
        reader, writer = self._idle.pop() if self._idle else await self._connect()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        self._idle.append((reader, writer))
        return int(head.split(b" ", 2)[1])

    async def _connect(self) -> Connection:
        at = urlsplit(self.base_url)
        return await asyncio.open_connection(at.hostname, at.port)

    def close(self) -> None:
        """Drop the connections."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()
