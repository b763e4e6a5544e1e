"""The migrations lead up and down on both databases, and to the tables that the code declares."""

import subprocess
import sys

import pytest
from sqlalchemy import Connection, inspect, text

from db.migrate import FIRST, current, differences, downgrade, upgrade
from db.session import Database
from db.tables import METADATA

NEWEST = f"{len(FIRST):04}"


def read(url: str, question):
    database = Database(url)
    try:
        return database.read_now(question)
    finally:
        database.close()


def index_names(tx: Connection) -> set[str]:
    names = "SELECT name FROM sqlite_master WHERE type = 'index'"
    if tx.dialect.name != "sqlite":
        names = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
    return set(tx.execute(text(names)).scalars())


def test_goes_up_down_and_up_again(database_url):
    upgrade(database_url)
    downgrade(database_url)
    left = read(database_url, lambda tx: set(inspect(tx).get_table_names()))
    upgrade(database_url)

    assert left == {"alembic_version"}
    assert read(database_url, current) == NEWEST


def test_the_migrated_database_is_what_the_tables_in_code_say(database_url):
    upgrade(database_url)

    assert read(database_url, differences) == []


def test_no_index_is_missing_even_where_it_cannot_be_compared(database_url):
    upgrade(database_url)

    assert {index.name for table in METADATA.tables.values() for index in table.indexes} <= read(
        database_url, index_names
    )


def test_a_column_that_only_the_code_has_is_a_difference(sqlite_url):
    upgrade(sqlite_url)
    database = Database(sqlite_url)
    database.write_now(lambda tx: tx.execute(text("ALTER TABLE items DROP COLUMN sku_class")))
    found = database.read_now(differences)
    database.close()

    assert len(found) == 1
    assert "sku_class" in found[0]


def test_upgrading_twice_keeps_what_is_stored(database_url):
    upgrade(database_url)
    database = Database(database_url)
    database.write_now(lambda tx: tx.execute(text("INSERT INTO capacity_days VALUES ('BER', '2026-11-23', 1)")))
    database.close()
    upgrade(database_url)

    assert read(database_url, lambda tx: tx.execute(text("SELECT used FROM capacity_days")).scalar_one()) == 1


@pytest.mark.server
def test_processes_that_start_at_once_do_not_disturb_each_other(database_url):
    program = "import sys; from db.migrate import upgrade; upgrade(sys.argv[1])"
    starts = [subprocess.Popen([sys.executable, "-c", program, database_url]) for _ in range(3)]

    assert [start.wait(200) for start in starts] == [0, 0, 0]
