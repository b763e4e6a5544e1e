"""The drill's own record of the stock it moves: which number of a channel was the ledger's, and until when."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.shown import Number

FOR_EVER = float("inf")


class Version(NamedTuple):
    """A number, from the moment at which it could first be read to the last one."""

    units: int
    since: float
    until: float


class LedgerBook:
    """Without rules and safety stock a number is the stock of the locations behind its place, added up."""

    def __init__(self, behind: Mapping[tuple[str, str], tuple[str, ...]], stock: Mapping[tuple[str, str], int]) -> None:
        self._behind = behind
        self.stock = dict(stock)
        self._versions: defaultdict[Number, list[Version]] = defaultdict(list)

    def numbers(self) -> dict[Number, int]:
        """What every channel should show now."""
        items = {item for item, _ in self.stock}
        return {
            (name, item, place): sum(self.stock.get((item, location), 0) for location in behind)
            for (name, place), behind in self._behind.items()
            for item in items
        }

    def begin(self) -> None:
        """What is there now has been there for long."""
        for number, units in self.numbers().items():
            self._versions[number] = [Version(units, 0.0, FOR_EVER)]

    def moved(self, item: str, location: str, change: int, began: float, ended: float) -> None:
        """It was committed between these moments: the old number counts until the later, the new from the earlier."""
        self.stock[item, location] = self.stock.get((item, location), 0) + change
        for (name, place), behind in self._behind.items():
            if location in behind:
                versions = self._versions[name, item, place]
                old = versions[-1]
                versions[-1] = old._replace(until=ended)
                versions.append(Version(old.units + change, began, FOR_EVER))

    def age(self, number: Number, units: int, began: float, ended: float) -> float | None:
        """How long before this time the number was last the ledger's; 0 while it is, None if it never was."""
        known = [version for version in self._of(number) if version.units == units and version.since <= ended]
        if not known:
            return None
        return max(0.0, began - max(version.until for version in known))

    def units_at(self, number: Number, at: float) -> int:
        """The ledger's own number then."""
        return next(version.units for version in reversed(self._of(number)) if version.since <= at)

    def _of(self, number: Number) -> list[Version]:
        return self._versions[number]
