"""Runs migrations on the connection that db/migrate.py gives, and says how new ones are written."""

from collections.abc import Iterable
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateIndexOp, CreateTableOp, MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlmodel.sql.sqltypes import AutoString

from db.migrate import has_expression, is_comparable
from db.tables import METADATA
from db.types import Json, Utc

TABLES = context.config.attributes["tables"]
"""The only tables to look at; None: all."""


def render(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """Plain SQLAlchemy types, so that a migration stays true when our own types change."""
    if kind != "type":
        return False
    if isinstance(thing, Utc):
        return "sa.DateTime(timezone=True)"
    if thing is Json:
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if isinstance(thing, AutoString):
        return "sa.String()"
    return False


def is_wanted(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or TABLES is None or name in TABLES


def is_ours(thing: object, name: str | None, kind: str, reflected: object, other: object) -> bool:
    return is_wanted(name, kind, None) and is_comparable(thing, name, kind, reflected, other)


def add_expression_indexes(
    _migration: MigrationContext, _revision: Iterable[str | None], scripts: list[MigrationScript]
) -> None:
    """What is not compared is not found missing either, also on tables that are new."""
    operations = scripts[0].upgrade_ops.ops
    for table in [METADATA.tables[new.table_name] for new in operations if isinstance(new, CreateTableOp)]:
        for index in table.indexes:
            if has_expression(index):
                operations.append(CreateIndexOp.from_index(index))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_item=render,
    include_name=is_wanted,
    include_object=is_ours,
    process_revision_directives=add_expression_indexes,
    render_as_batch=TABLES is None,  # SQLite changes a table by copying it; new tables need no copy
)
with context.begin_transaction():
    context.run_migrations()
