"""The small merchant in a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.session import Database
from tests.db.migrated import migrated
from tests.db.world import found


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/tutti.db"
    migrated(url)
    database = Database(url, synchronous="OFF")
    database.write_now(found)
    yield database
    database.close()
