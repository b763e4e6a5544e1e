"""A till's number is another one: what its staff counted is asked for at once, and not only by the next sweep."""

from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from connectors.contract import GivesStockNews
from connectors.errors import ConnectorError
from db import store_news
from db.session import Database

MAY_BE_COUNTED = frozenset({"stock changed by the channel", "stock of an unknown listing"})
"""What is said of a number that nobody here has set."""
RECENT = timedelta(minutes=5)


async def ask_for_counts(database: Database, connection_id: str, connector: object, said: Collection[str]) -> None:
    """One call, for the newest: the sweep reads whatever else there is, and makes up for a call that fails."""
    if MAY_BE_COUNTED.isdisjoint(said) or not isinstance(connector, GivesStockNews):
        return
    with suppress(ConnectorError):
        page = await connector.stock_news_since(datetime.now(UTC) - RECENT)
        await database.write(
            lambda tx: [store_news.take(tx, connection_id, each, datetime.now(UTC)) for each in page.news]
        )
