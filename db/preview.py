"""What a command would do: it is done, looked at, and undone, in a savepoint."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from db.order_reading import load
from db.standing import settle
from domain.errors import DomainError
from domain.progress import Progress, progress


class Preview(NamedTuple):
    """Where the order stands now, and where it would stand; `code` and `detail` say why the command is refused."""

    order_id: str
    before: Progress | None
    after: Progress | None
    code: str = ""
    detail: str = ""


def preview(tx: Connection, order_id: str, command: Callable[[], object], now: datetime) -> Preview:
    """Try a command on an order and leave no trace."""
    before: Progress | None = None
    savepoint = tx.begin_nested()
    try:
        before = progress(load(tx, order_id), now)
        command()
        return Preview(order_id, before, settle(tx, order_id, now))
    except DomainError as refusal:
        return Preview(order_id, before, None, refusal.code, str(refusal))
    finally:
        savepoint.rollback()
