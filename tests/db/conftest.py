"""Databases for tests: every test that asks for `database` runs on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from db.migrate import upgrade
from db.session import Database

_NUMBER = itertools.count(1)


def _helper():
    spec = spec_from_file_location("tests_db_postgres", Path(__file__).with_name("postgres.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


POSTGRES = _helper()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str | None]:
    with POSTGRES.server() as address:
        yield address


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/tutti.db"


@pytest.fixture
def postgres_url(postgres_server: str | None) -> Iterator[str]:
    if postgres_server is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with POSTGRES.fresh_database(postgres_server, f"test_{next(_NUMBER)}") as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Migrated and empty."""
    upgrade(database_url)
    database = Database(database_url)
    yield database
    database.close()
