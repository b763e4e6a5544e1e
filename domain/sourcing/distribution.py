"""The best way to spread the units over a given set of locations: greedy on linear cost, then exact on weight steps."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.sourcing.budget import Meter
from domain.sourcing.network import MINOR, UNIT, Network

Amounts = list[list[int]]  # [position in the set][item]


@dataclass(slots=True)
class Spread:
    """Units by location and item; no spread over the same set scores below `bound`."""

    chosen: tuple[int, ...]
    amounts: Amounts
    score: int
    bound: int


def spread(network: Network, chosen: tuple[int, ...], beat: int, meter: Meter) -> Spread | None:
    """The best spread over exactly this set, every location of it paid for; None if none can score below `beat`."""
    bound, amounts = greedy(network, chosen)
    bound = _lifted(bound, network.fixed_score(chosen))
    if bound >= beat:
        return None
    found = Spread(chosen, amounts, _score(network, chosen, amounts), bound)
    if found.score > bound:
        _Refinement(network, found, min(beat, found.score), meter).run()
    return found


def greedy(network: Network, chosen: tuple[int, ...]) -> tuple[int, Amounts]:
    """Every unit from where it is cheapest, which is exact when weight is charged by the gram; the score so relaxed."""
    score = network.fixed_score(chosen)
    amounts = [[0] * len(network.items) for _ in chosen]
    for i, want in enumerate(network.want):
        left = want
        for unit, position, available in _segments(network, chosen, i):
            take = min(left, available)
            amounts[position][i] += take
            score += take * unit
            left -= take
        score += left * UNIT
    return score, amounts


def _segments(network: Network, chosen: tuple[int, ...], i: int) -> list[tuple[int, int, int]]:
    """(score of a unit, position, units at that score) for one item, cheapest first."""
    segments = []
    for position, index in enumerate(chosen):
        offer, unit = network.offers[index], network.unit[index][i]
        supply, free = offer.supply[i], offer.free[i]
        if free:
            segments.append((unit, position, free))
        if supply > free:
            segments.append((unit + network.low, position, supply - free))
    segments.sort()
    return segments


def _lifted(bound: int, fixed: int) -> int:
    """Real scores of a set share the set's tie-break bits above whole minor units: lift the bound to the next of them."""
    return fixed - (fixed - bound) // MINOR * MINOR


def _score(network: Network, chosen: tuple[int, ...], amounts: Amounts) -> int:
    score = network.fixed_score(chosen)
    for index, row in zip(chosen, amounts, strict=True):
        score += network.parcel_minor(index, row) * MINOR
    covered = sum(map(sum, amounts))
    return score + (sum(network.want) - covered) * UNIT


@dataclass
class _Refinement:
    """Branch and bound over the items, heaviest first, for what greedy cannot see: every started weight step costs."""

    network: Network
    found: Spread
    beat: int
    meter: Meter
    order: list[int] = field(init=False)
    linear_rest: list[int] = field(init=False)
    weightless_rest: list[int] = field(init=False)

    def run(self) -> None:
        """Improve `found`; afterwards its bound equals its score unless the budget ran out before."""
        network, chosen = self.network, self.found.chosen
        self.supply = [[network.offers[index].supply[i] for index in chosen] for i in range(len(network.items))]
        self.target = [min(want, sum(self.supply[i])) for i, want in enumerate(network.want)]
        self.order = sorted(
            (i for i, target in enumerate(self.target) if target), key=lambda i: (-network.items[i].weight_g, i)
        )
        self._prepare_rests()
        uncovered = sum(network.want) - sum(self.target)
        base = network.fixed_score(chosen) + uncovered * UNIT
        self.rows = [[0] * len(network.items) for _ in chosen]
        if self._place(0, base, base, [0] * len(chosen)):
            self.found.bound = self.found.score

    def _prepare_rests(self) -> None:
        """Lower bounds of what the items from a depth on add: with linear weight, and without any."""
        linear, weightless = [0], [0]
        for i in reversed(self.order):
            segments = _segments(self.network, self.found.chosen, i)
            linear.append(linear[-1] + _cheapest(segments, self.target[i]))
            bare = sorted(
                (unit - self.network.weight_score(self.found.chosen[position], i), position, available)
                for unit, position, available in segments
            )
            weightless.append(weightless[-1] + _cheapest(bare, self.target[i]))
        self.linear_rest, self.weightless_rest = linear[::-1], weightless[::-1]

    def _place(self, depth: int, linear: int, weightless: int, weights: list[int]) -> bool:
        """Try every spread of the item at this depth; False when the budget ran out."""
        network, chosen = self.network, self.found.chosen
        if depth == len(self.order):
            score = weightless + self._weight_score(weights)
            if score < self.beat:
                self.beat = self.found.score = score
                self.found.amounts = [row.copy() for row in self.rows]
            return True
        i = self.order[depth]
        for units in _compositions(self.target[i], self.supply[i]):
            if not self.meter.spend():
                return False
            handling, grams, heavier = 0, 0, weights.copy()
            for position, (index, count) in enumerate(zip(chosen, units, strict=True)):
                self.rows[position][i] = count
                heavier[position] += count * network.items[i].weight_g
                handling += network.handling_score(index, i, count)
                grams += count * network.weight_score(index, i)
            next_linear, next_weightless = linear + handling + grams, weightless + handling
            bound = max(
                next_linear + self.linear_rest[depth + 1],
                next_weightless + self._weight_score(heavier) + self.weightless_rest[depth + 1],
            )
            if bound < self.beat and not self._place(depth + 1, next_linear, next_weightless, heavier):
                return False
        return True

    def _weight_score(self, weights: list[int]) -> int:
        step_g = self.network.weight_step_g
        return MINOR * sum(
            -(-weight // step_g) * self.network.offers[index].zone.per_step_minor
            for index, weight in zip(self.found.chosen, weights, strict=True)
        )


def _cheapest(segments: list[tuple[int, int, int]], units: int) -> int:
    score = 0
    for unit, _, available in segments:
        take = min(units, available)
        score += take * unit
        units -= take
    return score


def _compositions(target: int, supply: list[int]) -> Iterator[tuple[int, ...]]:
    """Every way to take `target` units from the supplies; those that take most from the first come first."""
    if len(supply) == 1:
        if target <= supply[0]:
            yield (target,)
        return
    rest = supply[1:]
    for first in range(min(target, supply[0]), max(0, target - sum(rest)) - 1, -1):
        for others in _compositions(target - first, rest):
            yield (first, *others)
