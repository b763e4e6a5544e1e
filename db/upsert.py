"""Inserts that may meet a row which is there already, in the words of either database."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(tx: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """INSERT … ON CONFLICT DO NOTHING; how many rows were new."""
    return int(tx.execute(_insert_once(table, tx.dialect.name), rows).rowcount) if rows else 0


def put(tx: Connection, table: Table, row: dict[str, Any], *, keys: tuple[str, ...]) -> None:
    """Insert the row, or write its other columns over the one that has these keys already."""
    tx.execute(_put(table, tx.dialect.name, keys, tuple(row)), row)


def dialect_insert(table: Table, dialect: str) -> Any:
    """An INSERT that can be told what to do on a conflict."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


@cache
def _insert_once(table: Table, dialect: str) -> Any:
    statement = dialect_insert(table, dialect).on_conflict_do_nothing()
    # not asked for generated keys, and told so, the driver still knows how many rows were new
    return statement.inline().execution_options(preserve_rowcount=True)


@cache
def _put(table: Table, dialect: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    statement = dialect_insert(table, dialect)
    others = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=others)
