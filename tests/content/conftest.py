"""The merchant with a channel that is a fake, on SQLite and on PostgreSQL."""

import pytest

from db.session import Database
from tests.content.channel import FakeShop
from tests.content.merchant import ContentMerchant
from tests.db.conftest import database, database_url, sqlite_url

__all__ = ["database", "database_url", "sqlite_url"]


@pytest.fixture
def shop() -> FakeShop:
    return FakeShop("P1", "P2")


@pytest.fixture
async def merchant(database: Database, shop: FakeShop) -> ContentMerchant:
    """P1 and P2 are on sale, as the master says, since an hour ago; the flow is on."""
    made = ContentMerchant(database, shop)  # type: ignore[arg-type]  # of the listing verbs it has those that content needs
    made.make("P1", "P2")
    await made.open()
    await made.tell()
    made.pass_time(hours=1)
    return made
