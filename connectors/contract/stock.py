"""Numbers shown to buyers, per item and place."""

from typing import Literal, Protocol, runtime_checkable

from domain.base import Frozen


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
