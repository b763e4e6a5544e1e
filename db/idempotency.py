"""Requests that may be repeated: the first one's answer is kept and given again, byte by byte."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from db.tables.governance import IdempotencyRow
from db.upsert import insert_once
from domain.errors import DomainError

KEPT = IdempotencyRow.__table__  # type: ignore[attr-defined]


class Answer(NamedTuple):
    """A status and a body, as they were sent."""

    status: int
    body: bytes


def once(tx: Connection, actor: str, key: str, request: bytes, now: datetime, work: Callable[[], Answer]) -> Answer:
    """Do the work for the first request with this key, in the same transaction; give its answer to every other.

    Whoever comes second waits at the unique key until the first has committed. Work that raises leaves no trace,
    so that the caller may correct the request and keep its key.
    """
    request_hash = hashlib.sha256(request).hexdigest()
    claim = {"actor": actor, "key": key, "request_hash": request_hash, "status": 0, "answer": b"", "at": now}
    ours = (KEPT.c.actor == actor) & (KEPT.c.key == key)
    if insert_once(tx, KEPT, [claim]):
        answer = work()
        tx.execute(update(KEPT).where(ours).values(status=answer.status, answer=answer.body))
        return answer
    kept = tx.execute(select(KEPT).where(ours)).one()
    if kept.request_hash != request_hash:
        raise DomainError(
            "idempotency_key_reused", "this Idempotency-Key came with another body before; send a new key"
        )
    return Answer(kept.status, kept.answer)
