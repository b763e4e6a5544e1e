"""A channel that shows stock, with the ways in which channels go wrong."""

from collections import Counter
from collections.abc import Callable

from connectors.contract import RemoteStock, StockResult, StockSetting
from connectors.errors import ConnectorError

Place = tuple[str, str]


class FakeShop:
    """`shown` is its own truth; every write it made is counted."""

    def __init__(self, numbers: dict[Place, int], skus: dict[str, str] | None = None) -> None:
        self.shown = dict(numbers)
        self.skus = skus or {item: item for item, _ in numbers}
        self.calls: list[tuple[StockSetting, ...]] = []
        self.keys: list[str] = []
        self.writes: Counter[Place] = Counter()
        self.refused: dict[str, str] = {}
        self.makes_of: Callable[[int], int] = lambda number: number
        self.half = False
        self.fails: list[ConnectorError] = []
        self.drops: list[ConnectorError] = []
        self.before_call: Callable[[], None] = lambda: None

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        return tuple(
            RemoteStock(item_external_id=item, sku=self.skus[item], location_external_id=place, available=number)
            for (item, place), number in sorted(self.shown.items())
        )

    async def check(self) -> None: ...

    async def locations(self) -> tuple[()]:
        return ()

    async def read_stock(self, item_external_ids: tuple[str, ...]) -> tuple[StockSetting, ...]:
        return tuple(
            StockSetting(item_external_id=item, location_external_id=place, quantity=number, expected=number)
            for (item, place), number in sorted(self.shown.items())
            if item in item_external_ids
        )

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[StockResult, ...]:
        self.before_call()
        self.calls.append(settings)
        self.keys.append(key)
        if self.fails:
            raise self.fails.pop(0)
        results = tuple(self._set(setting, position) for position, setting in enumerate(settings))
        if self.drops:
            raise self.drops.pop(0)
        return results

    def _set(self, setting: StockSetting, position: int) -> StockResult:
        place = (setting.item_external_id, setting.location_external_id)
        if code := self.refused.get(setting.item_external_id):
            return StockResult(setting=setting, outcome="rejected", code=code)
        if setting.expected is not None and setting.expected != self.shown.get(place):
            return StockResult(setting=setting, outcome="stale", shown=self.shown.get(place), code="stale")
        if self.half and position % 2:  # it says yes and does nothing
            return StockResult(setting=setting, outcome="confirmed", shown=setting.quantity)
        number = self.makes_of(setting.quantity)
        self.shown[place] = number
        self.writes[place] += 1
        return StockResult(setting=setting, outcome="confirmed", shown=number)

    async def close(self) -> None:
        """Nothing is open."""
