"""Pages that stay open as on other people's machines: each is loaded and followed over its socket, and nobody draws it."""

from __future__ import annotations

import asyncio
import re
from ast import literal_eval
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import socketio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

QUERY = re.compile(r"\bquery: (\{.*\}),")
"""Where a page of NiceGUI says by what its script is to present itself."""


class Follower:
    """One open page; `told` is how many messages it was sent."""

    def __init__(self) -> None:
        self.told = 0
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("*", self._hear)

    async def open(self, address: str, path: str, cookie: str) -> None:
        """Load it, and connect as its script would."""
        async with httpx.AsyncClient(trust_env=False, timeout=30) as web:
            page = (await web.get(address + path, headers={"Cookie": cookie})).raise_for_status()
        found = QUERY.search(page.text)
        if found is None:
            raise LookupError(f"{path} does not say how to follow it")
        query = literal_eval(found[1]) | {"tab_id": str(uuid4()), "old_tab_id": "", "document_id": str(uuid4())}
        told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
        await self._socket.connect(
            f"{address}?{urlencode(told)}", headers={"Cookie": cookie}, transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
        )  # fmt: skip

    async def close(self) -> None:
        await self._socket.disconnect()

    async def _hear(self, _event: str, *_data: Any) -> None:
        self.told += 1


@asynccontextmanager
async def following(address: str, paths: Sequence[str], cookie: str) -> AsyncIterator[list[Follower]]:
    """A page for each path."""
    followers = [Follower() for _ in paths]
    for follower, path in zip(followers, paths, strict=True):
        await follower.open(address, path, cookie)
    yield followers
    await asyncio.gather(*(follower.close() for follower in followers))
