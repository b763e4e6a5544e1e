"""Rows by the values of some columns, by statements that are made once: making one costs more than running it."""

from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Insert, Row, Select, Table, Update, bindparam, func, insert, select, update


def row(tx: Connection, table: Table, row_id: str) -> Row[Any] | None:
    """None if there is no such row."""
    return tx.execute(_row(table), {"this": row_id}).first()


def one(tx: Connection, table: Table, row_id: str) -> Row[Any]:
    """A row that must be there."""
    return tx.execute(_row(table), {"this": row_id}).one()


def change(tx: Connection, table: Table, row_id: str, **values: Any) -> None:
    """Set columns to plain values; what depends on the row's own columns needs a statement of its own."""
    tx.execute(_change(table), {"this": row_id, **values})


def find(tx: Connection, table: Table, *order_by: str, **equal: Any) -> list[Row[Any]]:
    """The rows with these values, in this order."""
    return list(tx.execute(_find(table, tuple(equal), order_by), equal))


def total(tx: Connection, column: Column[int], **equal: Any) -> int:
    """The sum of a column over the rows with these values; 0 over none."""
    return int(tx.execute(_total(column, tuple(equal)), equal).scalar_one())


def append(tx: Connection, table: Table, /, **values: Any) -> None:
    """Insert one row of plain values."""
    tx.execute(_append(table), values)


@cache
def _find(table: Table, equal: tuple[str, ...], order_by: tuple[str, ...]) -> Select[Any]:
    return select(table).where(*_same(table, equal)).order_by(*(table.c[name] for name in order_by))


@cache
def _total(column: Column[int], equal: tuple[str, ...]) -> Select[Any]:
    return select(func.coalesce(func.sum(column), 0)).where(*_same(column.table, equal))


@cache
def _append(table: Table) -> Insert:
    return insert(table).inline()


def _same(table: Any, names: tuple[str, ...]) -> list[Any]:
    return [table.c[name] == bindparam(name) for name in names]


@cache
def _row(table: Table) -> Select[Any]:
    return select(table).where(table.c.id == bindparam("this"))


@cache
def _change(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("this"))
