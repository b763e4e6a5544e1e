"""Numbers shown to buyers, per item and place, and what places say of their own stock."""

from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from domain.base import Frozen
from domain.news import PosSaleNews, StockCountNews


class StockSetting(Frozen):
    """One number to show; `expected` is what the platform last confirmed, None where nothing is known."""

    item_external_id: str
    location_external_id: str
    quantity: int
    expected: int | None = None


class StockResult(Frozen):
    """The outcome for one item of a batch; `shown` is what the platform now shows.

    Accepted is a yes that buyers do not see yet: `read_stock` or the platform's notification confirms it later.
    """

    setting: StockSetting
    outcome: Literal["confirmed", "accepted", "rejected", "stale"]
    shown: int | None = None
    code: str = ""


@runtime_checkable
class TakesStockLevels(Protocol):
    """Shows stock to buyers, per place."""

    async def read_stock(self, item_external_ids: tuple[str, ...]) -> tuple[StockSetting, ...]:
        """What the platform shows now."""

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[StockResult, ...]:
        """Set by compare-and-swap where the platform has it; one result per item, one bad item stops no other."""


class StockNewsPage(Frozen):
    """Some counts and counter sales, and the cursor to go on from; `is_last` when no more are there now."""

    news: tuple[StockCountNews | PosSaleNews, ...]
    unreadable: tuple[str, ...] = Field(default=(), description="external ids of sales that could not be read")
    cursor: str = ""
    is_last: bool = True


@runtime_checkable
class GivesStockNews(Protocol):
    """A place that counts and sells by itself can be polled: the backstop to its webhooks."""

    async def stock_news_since(self, since: datetime, cursor: str = "") -> StockNewsPage:
        """What was counted or sold since then, without our own writes; the caller overlaps and de-duplicates."""

    async def fetch_sale(self, external_id: str) -> PosSaleNews | None:
        """What thin news was about; None if it is no sale over the counter after all."""
