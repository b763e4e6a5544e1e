"""Available-to-promise of items and bundles."""

from collections.abc import Mapping
from typing import NamedTuple


class Balance(NamedTuple):
    """Sellable units of an item at a location."""

    on_hand: int
    reserved: int

    @property
    def atp(self) -> int:
        """Available-to-promise: what no order has a claim on, never below 0."""
        return max(0, self.on_hand - self.reserved)


NOTHING = Balance(0, 0)


def bundle_balance(parts: Mapping[str, int], balances: Mapping[str, Balance]) -> Balance:
    """A bundle as its scarcest component has it; `parts` are units per bundle.

    The reserved part is chosen so that the bundle's ATP is that of whole bundles out of the components' ATP.
    """
    per_part = [(balances.get(item, NOTHING), units) for item, units in parts.items()]
    on_hand = min((balance.on_hand // units for balance, units in per_part), default=0)
    atp = min((balance.atp // units for balance, units in per_part), default=0)
    return Balance(on_hand, on_hand - atp)
