"""The inbox: deliveries are stored before they are answered, and end with a named outcome."""

import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, update

from db.tables.inbox import InboxRow
from db.upsert import insert_once
from db.vault import Cipher

INBOX = InboxRow.__table__  # type: ignore[attr-defined]
PACKING = 1
"""zlib's fastest: a body shrinks to a fifth or less, and higher levels gain little for twice the time."""


_UNREAD = (
    select(INBOX)
    .where(
        INBOX.c.state == "new",
        INBOX.c.attempts < bindparam("most_attempts"),
        INBOX.c.id.not_in(bindparam("resting", expanding=True)),
    )
    .order_by(INBOX.c.id)
    .limit(bindparam("most"))
)
_FINISH = update(INBOX).where(INBOX.c.id == bindparam("this"), INBOX.c.state == "new")


class Arrived(NamedTuple):
    """A delivery to be stored; `body` is the raw bytes."""

    connection_id: str
    topic: str
    event_id: str
    body: bytes
    triggered_at: datetime | None = None


def store(tx: Connection, cipher: Cipher, arrived: Arrived, now: datetime) -> bool:
    """Keep it, encrypted; False if this event is stored already."""
    row = {
        "connection_id": arrived.connection_id, "topic": arrived.topic, "event_id": arrived.event_id,
        "received_at": now, "triggered_at": arrived.triggered_at, "state": "new", "outcome": "", "error_id": "",
        "attempts": 0, "sealed_body": _sealed(cipher, arrived),
    }  # fmt: skip
    return bool(insert_once(tx, INBOX, [row]))


def _sealed(cipher: Cipher, arrived: Arrived) -> bytes:
    """Packed before it is encrypted, since nothing can be packed afterwards: bodies are most of the database."""
    return cipher.encrypt(zlib.compress(arrived.body, PACKING), _place(arrived.connection_id))


def body_of(cipher: Cipher, row: Row[Any]) -> bytes:
    """The raw bytes of a delivery that was not forgotten."""
    return zlib.decompress(cipher.decrypt(row.sealed_body, _place(row.connection_id)))


def _place(connection_id: str) -> bytes:
    """What a sealed body is bound to."""
    return f"inbox:{connection_id}".encode()


def unread(tx: Connection, limit: int, *, below_attempts: int, resting: Collection[int] = ()) -> list[Row[Any]]:
    """The oldest deliveries that nobody has read yet, but those that rest after a failed attempt."""
    return list(tx.execute(_UNREAD, {"most_attempts": below_attempts, "resting": list(resting), "most": limit}))


def finish(
    tx: Connection, delivery_id: int, state: str, outcome: str, now: datetime, *, order_id: str | None = None
) -> bool:
    """Say what became of it; False if another process was quicker."""
    values = {"state": state, "outcome": outcome, "order_id": order_id, "processed_at": now}
    return bool(tx.execute(_FINISH, {"this": delivery_id, **values}).rowcount)


def failed(tx: Connection, delivery_id: int, error_id: str, now: datetime, *, give_up: bool) -> None:
    """It could not be read for a reason of ours: tried again, until it is given to a person."""
    values: dict[str, Any] = {"attempts": INBOX.c.attempts + 1, "error_id": error_id}
    if give_up:
        values |= {"state": "failed", "outcome": "failed", "processed_at": now}
    tx.execute(update(INBOX).where(INBOX.c.id == delivery_id).values(**values))


def forget_body(tx: Connection, delivery_id: int) -> None:
    """Keep that it came, not what it said: it names someone who was erased."""
    tx.execute(update(INBOX).where(INBOX.c.id == delivery_id).values(sealed_body=b""))
