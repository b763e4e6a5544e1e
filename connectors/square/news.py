"""What a till says when it is polled: first the counts, then the sales, each in pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from connectors.contract import StockNewsPage
from connectors.square.client import SquareClient
from connectors.square.mapping import count_of, sale_of
from connectors.square.schemas import Changes, FoundOrder, OneOrder, Orders, Places, SquareOrder
from connectors.square.stock import Stock
from domain.news import PosSaleNews

COUNTS, SALES = "counts", "sales"
PLACES_AT_ONCE = 10  # the most that a search for orders takes


class TillNews:
    def __init__(self, client: SquareClient, stock: Stock) -> None:
        self._client = client
        self._stock = stock

    async def since(self, since: datetime, cursor: str = "") -> StockNewsPage:
        """A cursor is the part that is read, the group of locations for sales, and Square's own cursor."""
        part, _, rest = (cursor or f"{COUNTS}:").partition(":")
        return await (self._counts(since, rest) if part == COUNTS else self._sales(since, rest))

    async def _counts(self, since: datetime, cursor: str) -> StockNewsPage:
        body = {"types": ["PHYSICAL_COUNT"], "states": ["IN_STOCK"], "updated_after": _time(since)}
        page = await self._client.ask("/v2/inventory/changes/batch-retrieve", Changes, _from(body, cursor))
        counted = [change.physical_count for change in page.changes if change.physical_count is not None]
        told = [each for count in counted if (each := count_of(count))]
        skus = await self._stock.skus(each.item_external_id for each in told)
        news = tuple(each.model_copy(update={"sku": skus.get(each.item_external_id, "")}) for each in told)
        return StockNewsPage(
            news=news, cursor=f"{COUNTS}:{page.cursor}" if page.cursor else f"{SALES}:0:", is_last=False
        )

    async def _sales(self, since: datetime, position: str) -> StockNewsPage:
        """A search takes ten locations at once; the time and the sort must be of the same kind."""
        group, _, cursor = position.partition(":")
        number = int(group)
        places = [place.id for place in (await self._client.get("/locations", Places)).locations]
        here = places[number * PLACES_AT_ONCE : (number + 1) * PLACES_AT_ONCE]
        if not here:
            return StockNewsPage(news=())
        body = {
            "location_ids": here,
            "query": {
                "filter": {
                    "state_filter": {"states": ["COMPLETED"]},
                    "date_time_filter": {"closed_at": {"start_at": _time(since)}},
                },
                "sort": {"sort_field": "CLOSED_AT", "sort_order": "ASC"},
            },
        }
        page = await self._client.ask("/v2/orders/search", Orders, _from(body, cursor))
        following = f"{number}:{page.cursor}" if page.cursor else f"{number + 1}:"
        is_last = not page.cursor and len(places) <= (number + 1) * PLACES_AT_ONCE
        sales, unreadable = _read(page.orders)
        news = tuple([await self._named(sale) for sale in sales])
        return StockNewsPage(news=news, unreadable=unreadable, cursor=f"{SALES}:{following}", is_last=is_last)

    async def sale(self, external_id: str) -> PosSaleNews | None:
        sale = sale_of((await self._client.get(f"/orders/{external_id}", OneOrder)).order)
        return await self._named(sale) if sale else None

    async def _named(self, sale: PosSaleNews) -> PosSaleNews:
        """Square names its own ids: the hub knows items by their SKUs."""
        skus = await self._stock.skus(line.item_external_id for line in sale.lines)
        lines = tuple(line.model_copy(update={"sku": skus.get(line.item_external_id, "")}) for line in sale.lines)
        return sale.model_copy(update={"lines": lines})


def _read(found: Sequence[FoundOrder]) -> tuple[list[PosSaleNews], tuple[str, ...]]:
    """Counter sales, and the ids of orders that cannot be read: those take nothing else of their page with them."""
    sales, unreadable = [], []
    for entry in found:
        try:
            sales.append(sale_of(SquareOrder.model_validate(entry.model_dump())))
        except ValidationError:
            unreadable.append(entry.id)
    return [sale for sale in sales if sale], tuple(unreadable)


def _from(body: Mapping[str, object], cursor: str) -> dict[str, object]:
    return {**body, **({"cursor": cursor} if cursor else {})}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
