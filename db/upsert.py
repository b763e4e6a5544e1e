"""Rows that are made or replaced."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(tx: Connection, table: Table, row: Mapping[str, Any], *, key: Sequence[str]) -> None:
    """INSERT … ON CONFLICT DO UPDATE with every given column; `key` names the columns that are unique."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(row)))
