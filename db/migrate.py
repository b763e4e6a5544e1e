"""Brings a database up to this version's tables, and makes new migrations for developers."""

import sys
from collections.abc import Callable, Collection
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Index, text

from db.session import Database
from db.tables import METADATA

FOLDER = Path(__file__).parent / "migrations"
FIRST = (
    "connections",
    "inbox",
    "governance",
    "exceptions",
    "stock",
    "orders",
    "fulfillment",
    "effects",
    "catalog",
    "launches",
    "certificates",
    "returns",
    "publication",
    "verification",
    "alerts",
    "content",
    "users",
)
"""The first migrations: one per file of tables, in an order in which every reference finds its table."""
LOCK = 0x7475747469  # "tutti": what two processes that migrate PostgreSQL at once queue up for


def has_expression(index: Index) -> bool:
    """Whether it is on more than plain columns, such as one in descending order."""
    return not all(isinstance(part, Column) for part in index.expressions)


EXPRESSION_INDEXES = {
    index.name for table in METADATA.tables.values() for index in table.indexes if has_expression(index)
}


def upgrade(url: str, revision: str = "head") -> None:
    """All in one transaction, one process at a time; nothing happens when it is up to date."""
    _within_transaction(url, lambda tx: command.upgrade(_config(tx), revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Back to an older version's tables; `base` drops every table with what is in it."""
    _within_transaction(url, lambda tx: command.downgrade(_config(tx), revision))


def current(tx: Connection) -> str | None:
    """The revision that the database is at; None when it has no tables of ours."""
    return MigrationContext.configure(tx).get_current_revision()


def differences(tx: Connection) -> list[str]:
    """What the tables in code have that the database has not, and the reverse; indexes on expressions aside."""
    context = MigrationContext.configure(tx, opts={"include_object": is_comparable})
    return [repr(difference) for difference in compare_metadata(context, METADATA)]


def is_comparable(_thing: object, name: str | None, kind: str, _reflected: object, _other: object) -> bool:
    """SQLite cannot tell what expressions an index was made of."""
    return kind != "index" or name not in EXPRESSION_INDEXES


def new(message: str) -> None:
    """Write the migration that leads from the newest revision to the tables in code."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        upgrade(url)
        _within_transaction(url, lambda tx: command.revision(_config(tx), message, autogenerate=True))


def renew_first() -> None:
    """Write the first migrations again, as long as no installation depends on them."""
    for old in (FOLDER / "versions").glob("*.py"):
        old.unlink()
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        for number, group in enumerate(FIRST, start=1):
            _within_transaction(url, partial(_write_first, number=number, group=group))
            upgrade(url)


def _write_first(tx: Connection, number: int, group: str) -> None:
    module = import_module(f"db.tables.{group}")
    tables = {row.__tablename__ for row in vars(module).values() if getattr(row, "__module__", "") == module.__name__}
    command.revision(_config(tx, tables=tables), f"{group} tables", autogenerate=True, rev_id=f"{number:04}")


def _within_transaction(url: str, work: Callable[[Connection], object]) -> None:
    database = Database(url)
    try:
        database.write_now(lambda tx: _run(tx, work))
    finally:
        database.close()


def _run(tx: Connection, work: Callable[[Connection], object]) -> None:
    if tx.dialect.name == "sqlite":
        # a table is changed by copying it: references to it dangle until the copy has its name
        tx.execute(text("PRAGMA defer_foreign_keys=ON"))
    else:
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    work(tx)


def _config(tx: Connection, tables: Collection[str] | None = None) -> Config:
    config = Config(attributes={"connection": tx, "tables": tables})
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_section_option("post_write_hooks", "hooks", "lint, format")
    for hook, options in (("lint", "check --fix-only --quiet"), ("format", "format --quiet")):
        config.set_section_option("post_write_hooks", f"{hook}.type", "module")
        config.set_section_option("post_write_hooks", f"{hook}.module", "ruff")
        config.set_section_option("post_write_hooks", f"{hook}.options", f"{options} REVISION_SCRIPT_FILENAME")
    return config


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["new", message]:
            new(message)
        case ["renew-first"]:
            renew_first()
        case _:
            sys.exit("usage: python -m db.migrate new MESSAGE | renew-first")
