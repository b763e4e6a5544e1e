"""An installation of its own for demos, drills and benchmarks, whatever the shell says of the real one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from db.session import Database
from runtime.errors import OperatorError
from runtime.settings import Settings
from runtime.temporal import NAMES_A_CLUSTER

if TYPE_CHECKING:
    from pathlib import Path


class DatabaseInUseError(OperatorError):
    """A play needs a database of its own, and this one has tables."""


def apart(var: Path, database_url: str = "") -> Settings:
    """Everything below `var`, with an engine of its own: this process forgets the cluster that its shell names.

    Another database may be named, but only an empty one (DatabaseInUseError).
    """
    for name in NAMES_A_CLUSTER:
        os.environ.pop(name, None)
    if database_url:
        _must_be_empty(database_url)
    return Settings(var=var, database_url=database_url, environment="development", smtp_url="")


def _must_be_empty(url: str) -> None:
    database = Database(url)
    try:
        tables = database.read_now(_tables)
    finally:
        database.close()
    if tables:
        raise DatabaseInUseError(
            f"--database-url: the database has tables already ({', '.join(tables[:3])}, {len(tables)} in all); "
            "create an empty one for this and name that"
        )


def _tables(tx: Connection) -> list[str]:
    """In any schema of the database's users."""
    inspector = inspect(tx)
    schemas = [name for name in inspector.get_schema_names() if name != "information_schema"]
    return sorted(table for schema in schemas for table in inspector.get_table_names(schema))
