"""One number per item, set in batches; WooCommerce has no compare-and-swap, so its answer is what counts."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from connectors.contract import RemoteStock, StockResult, StockSetting
from connectors.errors import NotFoundAtChannelError
from connectors.woocommerce.client import AT_ONCE, WooClient
from connectors.woocommerce.finding import Finder, parts
from connectors.woocommerce.forms import POOL
from connectors.woocommerce.refusals import code_of
from connectors.woocommerce.schemas import BatchItem, WooProduct, WooVariation

OTHER_NUMBER = "shows_other_number"
"""A plugin or a setting of the shop has turned the number into another one."""


class Stock:
    """Items are named `product` or `product/variation`, since a variation is only reached through its product."""

    def __init__(self, client: WooClient) -> None:
        self._client = client
        self._finder = Finder(client)

    async def read(self, items: Sequence[str]) -> tuple[StockSetting, ...]:
        """Items whose stock the shop does not count are left out."""
        products = await self._finder.by_ids(int(item) for item in items if item.isdecimal())
        shown = {str(key): one.stock_quantity for key, one in products.items() if one.counts_itself}
        wanted = _by_parent(items)
        for found in await asyncio.gather(*(self._variations(parent, of) for parent, of in wanted.items())):
            shown |= found
        return tuple(
            StockSetting(item_external_id=item, location_external_id=POOL, quantity=units, expected=units)
            for item in items
            if (units := shown.get(item)) is not None
        )

    async def _variations(self, parent: str, wanted: Sequence[str]) -> Mapping[str, int | None]:
        shown: dict[str, int | None] = {}
        for part in parts(wanted, AT_ONCE):
            path, include = f"/products/{parent}/variations", ",".join(part)
            try:
                found = await self._client.page(path, WooVariation, include=include)
            except NotFoundAtChannelError:
                return shown
            shown |= {f"{parent}/{one.id}": one.stock_quantity for one in found if one.counts_itself}
        return shown

    async def opening(self) -> tuple[RemoteStock, ...]:
        products = [product async for product in self._client.all("/products", WooProduct, order="asc", orderby="id")]
        variations = await self._finder.variations(products)
        counted: list[tuple[str, WooVariation]] = [(str(one.id), one) for one in products if one.counts_itself]
        counted += [(f"{key}/{one.id}", one) for key, found in variations.items() for one in found if one.counts_itself]
        return tuple(
            RemoteStock(
                item_external_id=item, sku=thing.sku, location_external_id=POOL, available=thing.stock_quantity or 0
            )
            for item, thing in counted
        )

    async def set(self, settings: Sequence[StockSetting]) -> tuple[StockResult, ...]:
        """Products in batches, variations in batches per product; each has a result of its own."""
        groups: defaultdict[str, list[int]] = defaultdict(list)
        results: dict[int, StockResult] = {}
        for index, setting in enumerate(settings):
            parent, _, own = setting.item_external_id.rpartition("/")
            if own.isdecimal() and (parent.isdecimal() or not parent):
                groups[parent].append(index)
            else:
                results[index] = _rejected(setting, "bad_item_id")
        calls = [(parent, part) for parent, indexes in groups.items() for part in parts(indexes, AT_ONCE)]
        done = await asyncio.gather(*(self._set(parent, [settings[index] for index in part]) for parent, part in calls))
        for (_, part), found in zip(calls, done, strict=True):
            results |= dict(zip(part, found, strict=True))
        return tuple(results[index] for index in range(len(settings)))

    async def _set(self, parent: str, settings: Sequence[StockSetting]) -> list[StockResult]:
        bodies = [
            {"id": int(at.item_external_id.rpartition("/")[2]), "manage_stock": True, "stock_quantity": at.quantity}
            for at in settings
        ]
        path = f"/products/{parent}/variations" if parent else "/products"
        try:
            answer = await self._client.batch(path, update=bodies)
        except NotFoundAtChannelError:
            if not parent:
                raise
            # the product of these variations is gone; the others go on
            return [_rejected(at, "not_found") for at in settings]
        return [_result(at, item) for at, item in zip(settings, answer.update, strict=True)]


def _by_parent(items: Sequence[str]) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        parent, _, own = item.rpartition("/")
        if parent.isdecimal() and own.isdecimal():
            found[parent].append(own)
    return found


def _result(setting: StockSetting, item: BatchItem) -> StockResult:
    if item.error is not None:
        return _rejected(setting, code_of(item.error) or "refused")
    if item.stock_quantity != setting.quantity:
        return StockResult(setting=setting, outcome="rejected", shown=item.stock_quantity, code=OTHER_NUMBER)
    return StockResult(setting=setting, outcome="confirmed", shown=item.stock_quantity)


def _rejected(setting: StockSetting, code: str) -> StockResult:
    return StockResult(setting=setting, outcome="rejected", code=code)
