"""A hub over the small merchant, a mail server and a chat that take what they are told."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from db.migrate import upgrade
from runtime.alerts import Alerts
from runtime.keys import Keys, new_key
from runtime.settings import Settings
from runtime.wiring import Hub
from tests.publication.merchant import Merchant


@dataclass
class Post:
    """Takes mail, or says that it is busy."""

    mails: list[Message] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 the library's name
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content))
        return self.answer


@dataclass
class Chat:
    """Takes messages as a Slack-compatible webhook does."""

    port: int = 0
    told: list[tuple[str, bytes]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    handler = Post()
    with socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def chat() -> Iterator[Chat]:
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            chat.told.append((self.headers["Idempotency-Key"], body))
            self.send_response(chat.status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    chat.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield chat
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
async def hub(tmp_path: Path, post: tuple[Post, int], chat: Chat) -> AsyncIterator[Hub]:
    settings = Settings(
        var=tmp_path, smtp_url=f"smtp://127.0.0.1:{post[1]}", egress_allow=("127.0.0.1",),
        alert_webhooks=(f"ops=http://127.0.0.1:{chat.port}/services/T0/B0",),
        public_url="https://hub.example.com", mail_from="hub@example.com",
    )  # fmt: skip
    await asyncio.to_thread(upgrade, settings.database_url)
    opened = Hub(settings, keys=Keys([new_key()]))
    yield opened
    await opened.close()


@pytest.fixture
def merchant(hub: Hub) -> Merchant:
    return Merchant(hub.database)


@pytest.fixture
def alerts(hub: Hub) -> Alerts:
    return Alerts(hub)
