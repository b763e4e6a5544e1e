"""The hub's database as one file, and back: SQLite by its online backup, PostgreSQL by its own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url

from runtime.errors import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.settings import Settings


def dump(settings: Settings, target: Path) -> None:
    """A consistent state, taken while the hub runs."""
    if settings.sqlite_file is None:
        _call_postgres_tool("pg_dump", settings.database_url, "--format=custom", "--no-owner", f"--file={target}")
        return
    if not settings.sqlite_file.exists():
        raise OperatorError(f"there is no database at {settings.sqlite_file}: is TUTTI_VAR or DATABASE_URL right?")
    with closing(sqlite3.connect(settings.sqlite_file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def check_sqlite(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        (verdict,) = database.execute("PRAGMA quick_check").fetchone()
    if verdict != "ok":
        raise OperatorError(f"the database in the backup is damaged: {verdict}")


def refuse_unless_empty(database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        tables = inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if tables:
        raise OperatorError(
            f"the PostgreSQL database has {len(tables)} tables: "
            "a restore never empties one; make a new database and name it in DATABASE_URL"
        )


def restore_postgres(settings: Settings, source: Path) -> None:
    """All or nothing, into an empty database."""
    _call_postgres_tool(
        "pg_restore", settings.database_url, "--no-owner", "--single-transaction", "--exit-on-error", str(source)
    )


def _call_postgres_tool(tool: str, database_url: str, *arguments: str) -> None:
    if shutil.which(tool) is None:
        raise OperatorError(f"{tool} is missing: install PostgreSQL's client programs (Debian: postgresql-client)")
    url = make_url(database_url)
    address = url.set(drivername="postgresql", password=None).render_as_string()
    # a password on the command line could be read by every user of the machine
    environ = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    command = [tool, f"--dbname={address}", *arguments]
    done = subprocess.run(command, check=False, env=environ, capture_output=True, text=True)  # noqa: S603 - no shell
    if done.returncode:
        raise OperatorError(f"{tool} failed: {done.stderr.strip()}")
