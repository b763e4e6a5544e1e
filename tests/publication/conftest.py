"""The small merchant with its channel `web`, whose places are locations of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.session import Database
from tests.db.migrated import migrated
from tests.publication.merchant import Merchant


@pytest.fixture
def merchant(tmp_path: Path) -> Iterator[Merchant]:
    url = f"sqlite:///{tmp_path}/tutti.db"
    migrated(url)
    database = Database(url)
    yield Merchant(database)
    database.close()
