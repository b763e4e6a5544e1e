"""The relay's part in alerts: evaluates the rules, and tells by mail and webhook what the outbox holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.contract import Surroundings
from connectors.errors import ConnectorError, RejectedError
from connectors.kit.http import HttpClient, HttpSettings
from db import alerts
from domain.returns.message import Message
from runtime.mail import Mailer

if TYPE_CHECKING:
    from sqlalchemy import Row

    from runtime.wiring import Hub

_WORDS = {"opened": "", "cleared": "over: ", "again": "still: "}


class Alerts:
    """Safe to repeat: what was told is marked, and a message that is told twice has the same id both times."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._mailer = Mailer(hub.settings)

    async def evaluate(self) -> int:
        """One pass over the rules."""
        database, now = self._hub.database, datetime.now(UTC)
        found = await database.read(lambda tx: alerts.watched(tx, now))
        is_any_open = bool(await database.read(alerts.open_alerts))
        if found or is_any_open:
            await database.write(lambda tx: alerts.evaluate(tx, found, now))
        return 0

    async def deliver(self) -> int:
        """Send what is due; returns how much there was."""
        if not self._hub.database.may_have("alert_messages", "state = 'new'"):
            return 0
        waiting = await self._hub.database.read(lambda tx: alerts.due(tx, datetime.now(UTC)))
        for message in waiting:
            await self._deliver(message)
        return len(waiting)

    async def _deliver(self, message: Row[Any]) -> None:
        database, now = self._hub.database, datetime.now(UTC)
        try:
            await (self._post(message) if message.target.startswith("webhook:") else self._mail(message))
        except ConnectorError as error:
            reason = type(error).__name__ if not isinstance(error, RejectedError) else error.merchant
            await database.write(lambda tx: alerts.failed(tx, message, reason, now))
            return
        await database.write(lambda tx: alerts.sent(tx, message.key, now))

    async def _mail(self, message: Row[Any]) -> None:
        if not self._mailer.is_on:
            raise RejectedError("no mail server is set (TUTTI_SMTP_URL)")
        subject = f"[{message.severity}] {_WORDS[message.event]}{message.title}"
        key = message.key.rpartition(":")[0]  # whom it is for is no part of a Message-ID
        await self._mailer.send(Message(key=key, to=message.target, subject=subject, text=self._text(message)))

    async def _post(self, message: Row[Any]) -> None:
        name = message.target.removeprefix("webhook:")
        url = dict(entry.split("=", 1) for entry in self._hub.settings.alert_webhooks).get(name)
        if url is None:
            raise RejectedError(f"no webhook is called {name!r} (TUTTI_ALERT_WEBHOOKS)")
        parts = urlsplit(url)
        around = Surroundings("alerts", transport=self._hub.transport, egress_allow=self._hub.settings.egress_allow)
        client = HttpClient.open(HttpSettings("the webhook", f"{parts.scheme}://{parts.netloc}"), around)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            await client.write(
                "POST", path, json={"text": self._slack(message)}, headers={"Idempotency-Key": message.key}
            )
        finally:
            await client.close()

    def _text(self, message: Row[Any]) -> str:
        return "\n\n".join((message.title, message.remedy, self._link(message), f"Runbook: {self._runbook(message)}"))

    def _slack(self, message: Row[Any]) -> str:
        """Slack's own marks: what is data must not be read as one."""
        title, remedy = (_escaped(text) for text in (message.title, message.remedy))
        head = f"*{message.severity}* {_WORDS[message.event]}<{self._link(message)}|{title}>"
        return f"{head}\n{remedy}\nRunbook: {self._runbook(message)}"

    def _link(self, message: Row[Any]) -> str:
        settings = self._hub.settings
        return f"{settings.public_url or settings.api_url}/exceptions/{message.exception_id}"

    def _runbook(self, message: Row[Any]) -> str:
        return f"{self._hub.settings.runbook_url}#{message.kind.replace('_', '-')}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
