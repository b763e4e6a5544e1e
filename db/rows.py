"""One row by its id, read and changed by statements that are made once: making one costs more than running it."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, Update, bindparam, select, update


def row(tx: Connection, table: Table, row_id: str) -> Row[Any] | None:
    """None if there is no such row."""
    return tx.execute(_row(table), {"this": row_id}).first()


def one(tx: Connection, table: Table, row_id: str) -> Row[Any]:
    """A row that must be there."""
    return tx.execute(_row(table), {"this": row_id}).one()


def change(tx: Connection, table: Table, row_id: str, **values: Any) -> None:
    """Set columns to plain values; what depends on the row's own columns needs a statement of its own."""
    tx.execute(_change(table), {"this": row_id, **values})


@cache
def _row(table: Table) -> Select[Any]:
    return select(table).where(table.c.id == bindparam("this"))


@cache
def _change(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("this"))
