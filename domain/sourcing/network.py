"""The order as numbers to search on: every cost and tie-break in one integer score.

A score is `uncovered units | minor units | parcels | sum of the locations' positions in id order`, high bits first.
So comparing two integers compares two plans: more units covered, then cheaper, then fewer parcels, then earlier ids.
Scores add up over locations, hence a bound on scores is a bound on all of it, ties included.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from domain.sourcing.offers import Item, Offer
from domain.sourcing.rules import SourcingRule

PARCEL = 1 << 24
MINOR = 1 << 32
UNIT = MINOR << 48


@dataclass
class Network:
    """Offers in the order of their fixed score, and what the rule lets the search do with them.

    `want` is the demand that there is stock for at all; no plan can cover the rest.
    `unit` is the relaxed score of a unit: labor and its linear share of weight, never more than it really costs.
    `fixed` holds the split penalty for every parcel; `fixed_score` takes the first one's back.
    """

    items: list[Item]
    offers: list[Offer]
    rule: SourcingRule
    weight_step_g: int
    want: list[int] = field(init=False)
    fixed: list[int] = field(init=False)
    unit: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.split = self.rule.split_penalty_minor * MINOR
        self.low = self.rule.low_stock_penalty_minor_per_unit * MINOR
        by_id = sorted(self.offers, key=lambda offer: offer.location.id)
        scored = [
            (offer.fixed_minor * MINOR + self.split + PARCEL + position, offer) for position, offer in enumerate(by_id)
        ]
        scored.sort(key=lambda pair: pair[0])
        self.fixed = [score for score, _ in scored]
        self.offers = [offer for _, offer in scored]
        self.want = [
            min(item.quantity, sum(offer.supply[i] for offer in self.offers)) for i, item in enumerate(self.items)
        ]
        self.unit = [self._unit_scores(offer) for offer in self.offers]
        self._suppliers: dict[tuple[int, int], int] = {}

    def _unit_scores(self, offer: Offer) -> list[int]:
        labor, per_step = offer.location.labor_minor_per_unit * MINOR, offer.zone.per_step_minor * MINOR
        return [labor + per_step * item.weight_g // self.weight_step_g for item in self.items]

    def weight_score(self, index: int, i: int) -> int:
        """A unit's linear share of its parcel's weight price, rounded down."""
        return self.offers[index].zone.per_step_minor * MINOR * self.items[i].weight_g // self.weight_step_g

    def handling_score(self, index: int, i: int, units: int) -> int:
        """What the units cost beside their weight: labor, and the penalty for those below the low-stock threshold."""
        offer = self.offers[index]
        return units * offer.location.labor_minor_per_unit * MINOR + max(0, units - offer.free[i]) * self.low

    def steps(self, units: list[int]) -> int:
        """Started weight steps of a parcel with this content."""
        weight = sum(count * item.weight_g for count, item in zip(units, self.items, strict=True))
        return -(-weight // self.weight_step_g)

    def parcel_minor(self, index: int, units: list[int]) -> int:
        """What the content of a parcel costs, beside the fixed score of its location."""
        handling = sum(self.handling_score(index, i, count) for i, count in enumerate(units))
        return self.steps(units) * self.offers[index].zone.per_step_minor + handling // MINOR

    @cached_property
    def floor(self) -> int:
        """What the wanted units cost at least, wherever they come from."""
        return sum(
            want * min(unit[i] for unit, offer in zip(self.unit, self.offers, strict=True) if offer.supply[i])
            for i, want in enumerate(self.want)
            if want
        )

    def suppliers(self, i: int, units: int) -> int:
        """Bit set of the offers with at least so many units of the item; the lowest bit has the least fixed score."""
        bits = self._suppliers.get((i, units))
        if bits is None:
            digits = "".join("1" if offer.supply[i] >= units else "0" for offer in reversed(self.offers))
            bits = self._suppliers[i, units] = int(digits, 2)
        return bits

    def covers_alone(self, index: int) -> bool:
        return self.offers[index].supply == self.want  # supply never exceeds what is wanted

    def fixed_score(self, chosen: Iterable[int]) -> int:
        return sum(self.fixed[index] for index in chosen) - self.split


def members(bits: int) -> Iterator[int]:
    """Indexes of the set bits, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
