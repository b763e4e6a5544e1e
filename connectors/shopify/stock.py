"""Numbers shown to buyers: read per item and place, set by compare-and-swap with a result for each."""

import hashlib
from collections.abc import Iterable, Sequence

from connectors.contract import RemoteStock, StockResult, StockSetting
from connectors.errors import OutcomeUnknownError
from connectors.shopify import documents
from connectors.shopify.answers import Done, Item, ItemIds, Items, UserError
from connectors.shopify.client import ShopifyClient, gid
from connectors.shopify.parts import parts

AT_ONCE = 100  # settings in one call; Shopify takes 250
ITEMS_AT_ONCE = 5  # with 50 places each, just under what one query may cost
STALE = "CHANGE_FROM_QUANTITY_STALE"
IN_PROGRESS = "IDEMPOTENCY_CONCURRENT_REQUEST"
FAILED_BEFORE = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"


class Stock:
    def __init__(self, client: ShopifyClient) -> None:
        self._client = client

    async def read(self, item_external_ids: Sequence[str]) -> tuple[StockSetting, ...]:
        shown: list[StockSetting] = []
        for part in parts(item_external_ids, ITEMS_AT_ONCE):
            shown += [
                StockSetting(
                    item_external_id=item.number,
                    location_external_id=level.location.number,
                    quantity=level.available,
                    expected=level.available,
                )
                for item in await self._items(part)
                for level in item.levels.nodes
            ]
        return tuple(shown)

    async def opening(self) -> tuple[RemoteStock, ...]:
        pages = self._client.pages(documents.ALL_STOCK, ItemIds, lambda answer: answer.items)
        ids = [item.number async for item in pages]
        return tuple(
            [
                RemoteStock(
                    item_external_id=item.number,
                    sku=item.sku,
                    location_external_id=level.location.number,
                    available=level.available,
                )
                for part in parts(ids, ITEMS_AT_ONCE)
                for item in await self._items(part)
                for level in item.levels.nodes
            ]
        )

    async def _items(self, ids: Sequence[str]) -> list[Item]:
        """The items with their levels; an item in more places than a page holds comes several times."""
        items: list[Item] = []
        after, wanted = None, [gid("InventoryItem", item) for item in ids]
        while wanted:
            answer = await self._client.ask(documents.STOCK, Items, ids=wanted, after=after)
            found = [item for item in answer.items if item is not None]
            items += found
            going_on = [item for item in found if item.levels.page.next]
            if after is None and len(going_on) > 1:  # cursors differ per item: go on with each by itself
                items = [item for item in items if item not in going_on]
                for item in going_on:
                    items += await self._items([item.number])
                return items
            wanted = [item.id for item in going_on]
            after = going_on[0].levels.page.cursor if going_on else None
        return items

    async def set(self, settings: Sequence[StockSetting], key: str) -> tuple[StockResult, ...]:
        """Shopify takes all of a call or nothing: refused settings are put aside and the others sent again."""
        results: dict[int, StockResult] = {}
        for part in parts(range(len(settings)), AT_ONCE):
            results |= await self._set_part({index: settings[index] for index in part}, key)
        return tuple(results[index] for index in range(len(settings)))

    async def _set_part(self, wanted: dict[int, StockSetting], key: str) -> dict[int, StockResult]:
        results: dict[int, StockResult] = {}
        while wanted:
            order = list(wanted)
            errors = await self._send(list(wanted.values()), key)
            refused = _refused(order, errors)
            if not errors:
                accepted = {
                    index: StockResult(setting=at, outcome="confirmed", shown=at.quantity)
                    for index, at in wanted.items()
                }
                return results | accepted
            if not refused and len(wanted) > 1:  # no item is named: each by itself tells which one it is
                for index in order:
                    results |= await self._set_part({index: wanted[index]}, key)
                return results
            refused = refused or {order[0]: errors[0]}
            results |= await self._judge({index: wanted[index] for index in refused}, refused)
            wanted = {index: setting for index, setting in wanted.items() if index not in refused}
        return results

    async def _send(self, settings: list[StockSetting], key: str) -> tuple[UserError, ...]:
        quantities = [
            {
                "inventoryItemId": gid("InventoryItem", at.item_external_id),
                "locationId": gid("Location", at.location_external_id),
                "quantity": at.quantity,
                "changeFromQuantity": at.expected,
            }
            for at in settings
        ]
        given = {"name": "available", "reason": "correction", "quantities": quantities}
        done = await self._client.tell(documents.SET_STOCK, Done, input=given, key=_key(key, settings))
        if any(error.code == IN_PROGRESS for error in done.errors):
            raise OutcomeUnknownError("Shopify is still at the same change", IN_PROGRESS)
        return done.errors

    async def _judge(self, refused: dict[int, StockSetting], errors: dict[int, UserError]) -> dict[int, StockResult]:
        """What is shown decides: a repeat whose first answer was lost is refused, though the number is right."""
        shown = {
            (at.item_external_id, at.location_external_id): at.quantity
            for at in await self.read(list(dict.fromkeys(at.item_external_id for at in refused.values())))
        }
        return {
            index: _result(setting, shown.get((setting.item_external_id, setting.location_external_id)), errors[index])
            for index, setting in refused.items()
        }


def _result(setting: StockSetting, shown: int | None, error: UserError) -> StockResult:
    if shown == setting.quantity:
        return StockResult(setting=setting, outcome="confirmed", shown=shown)
    outcome = "stale" if error.code in {STALE, FAILED_BEFORE} and shown is not None else "rejected"
    return StockResult(setting=setting, outcome=outcome, shown=shown, code=error.code or "refused")


def _refused(order: list[int], errors: Iterable[UserError]) -> dict[int, UserError]:
    """Errors by the setting they name, as in the path input.quantities.3.locationId."""
    named: dict[int, UserError] = {}
    for error in errors:
        position = next((part for part in error.field or () if part.isdecimal()), None)
        if position is not None and int(position) < len(order):
            named.setdefault(order[int(position)], error)
    return named


def _key(key: str, settings: Iterable[StockSetting]) -> str:
    """Stable for the same settings of one effect, another for a part of them: a key stands for one set of arguments."""
    digest = hashlib.sha256("".join(at.model_dump_json() for at in settings).encode()).hexdigest()
    return f"{key}:{digest[:16]}"
