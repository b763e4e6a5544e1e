"""Thin news is completed by what the channel shows."""

from datetime import UTC, datetime

import pytest

from connectors.contract import ReturnRequest, ShownReturn
from connectors.errors import NotFoundAtChannelError
from domain.news import PosSaleNews, ReturnChangedNews, ReturnNews, SaleChangedNews, SoldLine
from runtime.thin_news import completed

SHOWN = ShownReturn(
    external_id="7",
    status="requested",
    lines=(("L1", 2, 0),),
    order_external_id="5001",
    reasons=(("L1", "UNWANTED"),),
)


class Channel:
    """Shows one return."""

    async def find_return(self, request: ReturnRequest) -> ShownReturn | None:
        return SHOWN if request.external_id == "7" else None


SALE = PosSaleNews(
    external_id="O1",
    location_external_id="L1",
    lines=(SoldLine(external_id="1", item_external_id="A", quantity=2),),
    at=datetime(2026, 11, 22, tzinfo=UTC),
)


class Till:
    """Has sold once over the counter."""

    async def fetch_sale(self, external_id: str) -> PosSaleNews | None:
        return SALE if external_id == "O1" else None


async def test_a_return_is_told_with_its_lines_and_reasons() -> None:
    news = await completed(Channel(), ReturnChangedNews(external_id="7"))

    assert isinstance(news, ReturnNews)
    assert (news.order_external_id, news.status, news.lines) == ("5001", "requested", (("L1", 2, "UNWANTED"),))


async def test_a_return_that_is_not_there_yet_is_looked_for_again() -> None:
    with pytest.raises(NotFoundAtChannelError):
        await completed(Channel(), ReturnChangedNews(external_id="8"))


async def test_news_that_is_whole_stays_as_it_is() -> None:
    whole = await completed(Channel(), ReturnChangedNews(external_id="7"))
    assert whole is not None

    assert await completed(Channel(), whole) == whole


async def test_a_sale_is_told_with_its_lines_and_what_is_none_is_left_out() -> None:
    sale = await completed(Till(), SaleChangedNews(external_id="O1", at=SALE.at))
    other = await completed(Till(), SaleChangedNews(external_id="O2", at=SALE.at))

    assert (sale, other) == (SALE, None)
