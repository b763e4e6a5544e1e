"""News whose body does not hold what it is about: the channel is asked for the rest."""

from datetime import UTC, datetime
from typing import cast

from connectors.contract import GivesOrders, GivesStockNews, ReturnRequest, TakesReturns
from connectors.errors import NotFoundAtChannelError
from domain.news import News, OrderChangedNews, OrderNews, ReturnChangedNews, ReturnNews, SaleChangedNews


async def completed(connector: object, news: News) -> News | None:
    """News that is whole stays as it is; NotFoundAtChannelError where the channel does not show what it told of.

    None where the look shows that it is nothing for the hub, such as an order at a till that is to be sent.
    """
    match news:
        case OrderChangedNews():
            return OrderNews(order=await cast("GivesOrders", connector).fetch_order(news.order_external_id))
        case ReturnChangedNews():
            return await _return(cast("TakesReturns", connector), news.external_id)
        case SaleChangedNews():
            return await cast("GivesStockNews", connector).fetch_sale(news.external_id)
        case _:
            return news


async def _return(connector: TakesReturns, external_id: str) -> ReturnNews:
    shown = await connector.find_return(ReturnRequest(reference="", order_external_id="", external_id=external_id))
    if shown is None:
        raise NotFoundAtChannelError("the channel does not show this return")
    reasons = dict(shown.reasons)
    return ReturnNews(
        external_id=shown.external_id,
        order_external_id=shown.order_external_id,
        status=shown.status,
        lines=tuple((line, units, reasons.get(line, "")) for line, units, _processed in shown.lines),
        at=datetime.now(UTC),
    )
