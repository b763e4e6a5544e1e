"""Writes to buyers by SMTP."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from connectors.errors import OutcomeUnknownError, RejectedError, TryAgainError
from domain.returns.message import Message, SentMessage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runtime.settings import Settings

TIMEOUT_S = 20


class Mailer:
    """The port `activities.ports.Notifier`. A mail server shows nobody what it took, so a look-up knows this process only.

    A mail whose fate is unknown is sent again under the same Message-ID, by which mailboxes drop the second one.
    """

    def __init__(self, settings: Settings) -> None:
        self._address = urlsplit(settings.smtp_url)
        self._from = settings.mail_from
        self._sent: set[str] = set()

    @property
    def is_on(self) -> bool:
        return bool(self._address.hostname)

    async def send(self, message: Message) -> None:
        await asyncio.to_thread(self._send, message)
        self._sent.add(message.key)

    def sent(self, message: Message) -> Callable[[], Awaitable[SentMessage | None]]:
        async def look() -> SentMessage | None:
            return SentMessage(key=message.key) if message.key in self._sent else None

        return look

    def _send(self, message: Message) -> None:
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise TryAgainError("the mail server does not answer", type(error).__name__) from None
        with server:
            try:
                server.send_message(self._mail(message))
            except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
                if _is_for_now(error):
                    raise TryAgainError("the mail server is busy", type(error).__name__) from None
                raise RejectedError("the mail server refused a message", type(error).__name__) from None
            except (OSError, smtplib.SMTPException) as error:
                raise OutcomeUnknownError("the mail server went away", type(error).__name__) from None

    def _open(self) -> smtplib.SMTP:
        kind = smtplib.SMTP_SSL if self._address.scheme == "smtps" else smtplib.SMTP
        server = kind(self._address.hostname or "", self._address.port or 0, timeout=TIMEOUT_S)
        if self._address.username:
            if kind is smtplib.SMTP:
                server.starttls()
            server.login(unquote(self._address.username), unquote(self._address.password or ""))
        return server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._from, message.to, message.subject
        mail["Message-ID"] = f"<{message.key.replace(':', '.')}@{self._from.rpartition('@')[2]}>"
        mail.set_content(message.text)
        return mail


def _is_for_now(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> bool:
    """A code of 4xx: the same mail may be taken later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    return 400 <= error.smtp_code < 500
