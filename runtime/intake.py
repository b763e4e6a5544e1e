"""Reads stored deliveries and takes the news in them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import structlog

from connectors.contract import ReadsNews
from connectors.errors import ConnectorError, NotFoundAtChannelError, UnreadableError
from db.connections import load
from db.exceptions import open_cause
from db.inbox import body_of, failed, finish, forget_body, unread
from db.news import Said, take
from db.persons import forget_old_pages, is_erased
from domain.causes import Cause
from domain.errors import DomainError
from domain.news import ErasureNews, News
from runtime.counts import ask_for_counts
from runtime.thin_news import completed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from runtime.wiring import Hub

log = structlog.get_logger()

BATCH = 50
ATTEMPTS = 8
LOOKS = 3
"""Looks for what thin news is about, before believing that it is not there: platforms tell before they show."""
FIRST_PAUSE_S = 0.5
"""After a failed attempt; each pause is twice as long as the one before: a minute in all, then a person is told."""


class Intake:
    """Deliveries in, facts out; safe to run in several processes, since finishing a delivery is a claim."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rests_until: dict[int, float] = {}

    async def drain(self) -> int:
        """Read one batch of what is new; returns how many were read. Writes of a batch share commits."""
        now = monotonic()
        self._rests_until = {row: until for row, until in self._rests_until.items() if until > now}
        resting = tuple(self._rests_until)
        rows = await self._hub.database.read(lambda tx: unread(tx, BATCH, below_attempts=ATTEMPTS, resting=resting))
        await asyncio.gather(*(self._read(row) for row in rows))
        return len(rows)

    async def _read(self, row: Row[Any]) -> None:
        try:
            connector = await self._hub.connector(row.connection_id)
            body = body_of(self._hub.keys, row)
            news = cast("ReadsNews", connector).read(row.topic, body)
            if news is None:
                await self._end(row, "unknown_topic", "unknown topic")
                return
            whole = await self._whole(connector, news, is_last_look=row.attempts >= LOOKS)
            if news and not whole:
                await self._end(row, "done", "what it is about is not at the channel")
            else:
                said = await self._take(row, whole)
                await ask_for_counts(self._hub.database, row.connection_id, connector, said)
        except (UnreadableError, DomainError) as error:
            await self._unreadable(row, error)
        except ConnectorError as error:
            await self._failed(row, error)
        except Exception as error:  # noqa: BLE001 a bug must not stop the others: the raw delivery is kept
            await self._failed(row, error)

    async def _whole(self, connector: object, news: tuple[News, ...], *, is_last_look: bool) -> list[News]:
        """Thin news is completed by a fetch; what is not there at the last look is left out."""
        whole: list[News] = []
        for each in news:
            try:
                found = await completed(connector, each)
            except NotFoundAtChannelError:
                if not is_last_look:
                    raise
            else:
                whole += [found] if found is not None else []
        return whole

    async def _take(self, row: Row[Any], news: list[News]) -> list[str]:
        """Book it, and the delivery as read; in a word each, what was said to it."""
        erases = any(isinstance(each, ErasureNews) for each in news)

        def work(tx: Connection) -> list[str]:
            now = datetime.now(UTC)
            connection = load(tx, row.connection_id)
            said = [take(tx, self._hub.vault, connection, each, now, "webhook") for each in news]
            about = next((each.order_id for each in said if each.order_id), None)
            finish(tx, row.id, "done", _words(said), now, order_id=about)
            if is_erased(tx, about) or erases:
                forget_body(tx, row.id)
            return [each.outcome for each in said]

        outcomes = await self._hub.database.write(work)
        if erases:
            await asyncio.to_thread(forget_old_pages, self._hub.database.engine)
        return outcomes

    async def _end(self, row: Row[Any], state: str, outcome: str) -> None:
        await self._hub.database.write(lambda tx: finish(tx, row.id, state, outcome, datetime.now(UTC)))

    async def _unreadable(self, row: Row[Any], error: UnreadableError | DomainError) -> None:
        """Stored, visible, and nothing half-done: the exception names topic and field."""
        where = getattr(error, "field", "") or getattr(error, "code", "") or "body"

        def work(tx: Connection) -> None:
            now = datetime.now(UTC)
            if finish(tx, row.id, "unreadable", f"unreadable: {where}", now):
                open_cause(tx, _unreadable(row, where), now, connection_id=row.connection_id)

        await self._hub.database.write(work)

    async def _failed(self, row: Row[Any], error: Exception) -> None:
        error_id = uuid4().hex[:12]
        log.warning("delivery not read", delivery=row.id, error_id=error_id, error=type(error).__name__)
        give_up = row.attempts + 1 >= ATTEMPTS
        self._rests_until[row.id] = monotonic() + FIRST_PAUSE_S * 2**row.attempts

        def work(tx: Connection) -> None:
            now = datetime.now(UTC)
            failed(tx, row.id, error_id, now, give_up=give_up)
            if give_up:
                open_cause(tx, _not_taken(row), now, connection_id=row.connection_id)

        await self._hub.database.write(work)


def _words(said: list[Said]) -> str:
    return ", ".join(each.outcome for each in said) or "nothing for the hub"


def _unreadable(row: Row[Any], where: str) -> Cause:
    return Cause(
        kind="unreadable_delivery",
        subject=f"{row.connection_id}:{row.topic}:{where}",
        title=f"Deliveries of {row.topic} from {row.connection_id} cannot be read ({where})",
        remedy="See the deliveries (GET /connections/{connection}/deliveries?state=unreadable); correct the sender "
        "or the connector, then read them again.",
        severity="critical",
    )


def _not_taken(row: Row[Any]) -> Cause:
    return Cause(
        kind="failed_delivery",
        subject=f"{row.connection_id}:{row.topic}",
        title=f"Deliveries of {row.topic} from {row.connection_id} could not be taken",
        remedy="Look for the error id in the log; the raw deliveries are kept and can be read again.",
        severity="critical",
    )
