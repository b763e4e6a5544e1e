"""Thin news is completed by what the channel shows."""

import pytest

from connectors.contract import ReturnRequest, ShownReturn
from connectors.errors import NotFoundAtChannelError
from domain.news import ReturnChangedNews, ReturnNews
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


async def test_a_return_is_told_with_its_lines_and_reasons() -> None:
    news = await completed(Channel(), ReturnChangedNews(external_id="7"))

    assert isinstance(news, ReturnNews)
    assert (news.order_external_id, news.status, news.lines) == ("5001", "requested", (("L1", 2, "UNWANTED"),))


async def test_a_return_that_is_not_there_yet_is_looked_for_again() -> None:
    with pytest.raises(NotFoundAtChannelError):
        await completed(Channel(), ReturnChangedNews(external_id="8"))


async def test_news_that_is_whole_stays_as_it_is() -> None:
    whole = await completed(Channel(), ReturnChangedNews(external_id="7"))

    assert await completed(Channel(), whole) == whole
