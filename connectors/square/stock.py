"""Numbers at the till: read, and moved by the difference, so that a sale between the two looks is not undone."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from connectors.contract import RemoteStock, StockResult, StockSetting
from connectors.errors import RejectedError
from connectors.square.client import SquareClient
from connectors.square.schemas import Catalog, Count, Counts

T = TypeVar("T")
Place = tuple[str, str]

AT_ONCE = 100  # changes in one call, and ids in one question
OURS = "tutti:"
"""How references of our own changes begin: they are not taken for counts by the staff."""
REUSED = "IDEMPOTENCY_KEY_REUSED"


class Stock:
    def __init__(self, client: SquareClient) -> None:
        self._client = client
        self._skus: dict[str, str] = {}

    async def skus(self, items: Iterable[str]) -> Mapping[str, str]:
        """SKUs by the catalog's ids; the catalog is read again when an item is not known, since it may be new."""
        return self._skus if set(items) <= self._skus.keys() else await self._catalog()

    async def _catalog(self) -> dict[str, str]:
        catalog = self._client.listed("/catalog/list", Catalog, lambda page: page.objects, types="ITEM_VARIATION")
        self._skus = {found.id: found.item_variation_data.sku async for found in catalog}
        return self._skus

    async def read(self, items: Sequence[str]) -> tuple[StockSetting, ...]:
        shown = await self._shown(items, ())
        return tuple(
            StockSetting(item_external_id=item, location_external_id=place, quantity=units, expected=units)
            for (item, place), units in shown.items()
        )

    async def opening(self) -> tuple[RemoteStock, ...]:
        skus = await self._catalog()
        shown = await self._shown(list(skus), ())
        return tuple(
            RemoteStock(item_external_id=item, sku=skus[item], location_external_id=place, available=units)
            for (item, place), units in shown.items()
            if item in skus
        )

    async def _shown(self, items: Iterable[str], places: Sequence[str]) -> dict[Place, int]:
        shown: dict[Place, int] = {}
        for part in _parts(sorted(set(items)), AT_ONCE):
            body: dict[str, Any] = {"catalog_object_ids": list(part), "states": ["IN_STOCK"]}
            if places:
                body["location_ids"] = sorted(set(places))
            found = self._client.searched("/inventory/counts/batch-retrieve", Counts, lambda page: page.counts, body)
            shown |= _numbers([count async for count in found])
        return shown

    async def set(self, settings: Sequence[StockSetting], key: str) -> tuple[StockResult, ...]:
        """One that does not stand where it was expected is left alone; one that stands right is not written."""
        places = [at.location_external_id for at in settings]
        shown = await self._shown([at.item_external_id for at in settings], places)
        results: dict[int, StockResult] = {}
        due: list[int] = []
        for index, at in enumerate(settings):
            now = shown.get(_place(at))
            if now == at.quantity:
                results[index] = StockResult(setting=at, outcome="confirmed", shown=now)
            elif at.expected is not None and now != at.expected:
                results[index] = StockResult(setting=at, outcome="stale", shown=now, code="not_as_expected")
            else:
                due.append(index)
        for part in _parts(due, AT_ONCE):
            changes = {index: _change(settings[index], shown.get(_place(settings[index])), key) for index in part}
            results |= await self._write({index: settings[index] for index in part}, changes, key)
        return tuple(results[index] for index in range(len(settings)))

    async def _write(
        self, wanted: Mapping[int, StockSetting], changes: Mapping[int, dict[str, Any]], key: str
    ) -> dict[int, StockResult]:
        """Square takes all of a call or nothing: a refused batch is halved until the bad ones are alone."""
        try:
            shown = await self._send(list(changes.values()), key)
        except RejectedError as refused:
            if any(reason.code == REUSED for reason in refused.reasons):  # an earlier attempt has landed
                shown = await self._shown([at.item_external_id for at in wanted.values()], ())
            elif len(wanted) == 1:
                code = refused.reasons[0].code if refused.reasons else "refused"
                return {index: StockResult(setting=at, outcome="rejected", code=code) for index, at in wanted.items()}
            else:
                return await self._halves(wanted, changes, key)
        return {index: _result(at, shown.get(_place(at))) for index, at in wanted.items()}

    async def _halves(
        self, wanted: Mapping[int, StockSetting], changes: Mapping[int, dict[str, Any]], key: str
    ) -> dict[int, StockResult]:
        order = list(wanted)
        middle = len(order) // 2
        results: dict[int, StockResult] = {}
        for half in (order[:middle], order[middle:]):
            results |= await self._write({i: wanted[i] for i in half}, {i: changes[i] for i in half}, key)
        return results

    async def _send(self, changes: Sequence[dict[str, Any]], key: str) -> dict[Place, int]:
        """The key covers what is changed and not when, which is new with every attempt."""
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        body = {
            "idempotency_key": _digest(key, changes),
            "changes": [_timed(change, at) for change in changes],
            "ignore_unchanged_counts": False,
        }
        return _numbers((await self._client.write("POST", "/inventory/changes/batch-create", Counts, body)).counts)


def _change(at: StockSetting, shown: int | None, key: str) -> dict[str, Any]:
    """The difference, as units that came or went; a count only where Square knows no number yet."""
    thing = {
        "catalog_object_id": at.item_external_id,
        "location_id": at.location_external_id,
        "reference_id": _reference(key),
    }
    if shown is None:
        return {
            "type": "PHYSICAL_COUNT",
            "physical_count": {**thing, "state": "IN_STOCK", "quantity": str(at.quantity)},
        }
    way = ("NONE", "IN_STOCK") if at.quantity > shown else ("IN_STOCK", "SOLD")
    moved = {"from_state": way[0], "to_state": way[1], "quantity": str(abs(at.quantity - shown))}
    return {"type": "ADJUSTMENT", "adjustment": {**thing, **moved}}


def _timed(change: dict[str, Any], at: str) -> dict[str, Any]:
    return {name: {**part, "occurred_at": at} if isinstance(part, dict) else part for name, part in change.items()}


def _reference(key: str) -> str:
    """At most 40 characters: Square cuts nothing, it refuses."""
    return OURS + hashlib.sha256(key.encode()).hexdigest()[:32]


def _digest(key: str, changes: Iterable[dict[str, Any]]) -> str:
    return hashlib.sha256(f"{key}:{list(changes)}".encode()).hexdigest()


def _numbers(counts: Iterable[Count]) -> dict[Place, int]:
    return {
        (count.catalog_object_id, count.location_id): units
        for count in counts
        if count.state == "IN_STOCK" and (units := count.whole) is not None
    }


def _place(at: StockSetting) -> Place:
    return at.item_external_id, at.location_external_id


def _result(at: StockSetting, shown: int | None) -> StockResult:
    if shown == at.quantity:
        return StockResult(setting=at, outcome="confirmed", shown=shown)
    return StockResult(setting=at, outcome="stale", shown=shown, code="sold_meanwhile")


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
