"""What became of every webhook delivery; without its body."""

from typing import Any

from sqlalchemy import Connection, Row, select

from db.inbox import INBOX
from db.order_reading import CONNECTIONS
from domain.errors import DomainError

_SHOWN = [column for column in INBOX.c if column.name != "sealed_body"]


def page(tx: Connection, connection_id: str, *, state: str | None, before_id: int | None, limit: int) -> list[Row[Any]]:
    """Newest first; `before_id` goes on from the last row of the page before."""
    if tx.execute(select(CONNECTIONS.c.id).where(CONNECTIONS.c.id == connection_id)).first() is None:
        raise DomainError("unknown_connection", f"there is no connection {connection_id}")
    query = select(*_SHOWN).where(INBOX.c.connection_id == connection_id).order_by(INBOX.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(INBOX.c.state == state)
    if before_id is not None:
        query = query.where(INBOX.c.id < before_id)
    return list(tx.execute(query))
