"""The small merchant with its channel `web`, whose places are locations of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.migrate import upgrade
from db.session import Database
from tests.publication.merchant import Merchant


@pytest.fixture
def merchant(tmp_path: Path) -> Iterator[Merchant]:
    url = f"sqlite:///{tmp_path}/tutti.db"
    upgrade(url)
    database = Database(url)
    yield Merchant(database)
    database.close()
