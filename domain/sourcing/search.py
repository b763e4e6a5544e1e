"""Finds the plan with the least score, or the best one within the budget together with a proven bound."""

from dataclasses import dataclass, field

from domain.sourcing.budget import Budget, Meter
from domain.sourcing.distribution import Amounts, greedy, spread
from domain.sourcing.network import MINOR, UNIT, Network, members

NOTHING_FOUND = UNIT << 64


@dataclass
class Search:
    """One run; afterwards `chosen` and `amounts` are the plan, and no plan at all scores below `bound`.

    Only a plan that scores below `beat` is found. `alone` has the scores of the locations that cover everything by themselves; sets of locations are bit sets.
    """

    network: Network
    budget: Budget
    beat: int = NOTHING_FOUND
    chosen: tuple[int, ...] = field(default=(), init=False)
    amounts: Amounts = field(default_factory=list, init=False)
    best: int = field(default=NOTHING_FOUND, init=False)
    open_bound: int = field(default=NOTHING_FOUND, init=False)
    alone: dict[int, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.meter = Meter(self.budget.nodes)
        self.best = self.beat
        self.everywhere = (1 << len(self.network.offers)) - 1

    def run(self) -> None:
        """Single locations first, then covers by two and more parcels; only if there is none, the fullest partial plan.

        Each further parcel costs a fixed score at least, so that the first size which cannot win ends the climb.
        """
        self._try_single_locations()
        limit = min(self.network.rule.parcel_limit, len(self.network.offers))
        for parcels in range(2, limit + 1):
            cheapest = self.network.fixed_score(range(parcels)) + self.network.floor
            if cheapest >= self.best:
                break
            self._cover((), self.everywhere, 0, self.network.want, parcels, bound=cheapest)
        if not self.chosen and self.best > UNIT:
            self.meter.limit += self.budget.nodes
            nothing = greedy(self.network, ())[0]
            self._extend((), self.everywhere, nothing, limit, 0)

    @property
    def bound(self) -> int:
        return min(self.best, self.open_bound)

    @property
    def gap_units(self) -> int:
        """How many more units a plan might cover than ours, as far as the search could not rule it out."""
        return self.best // UNIT - self.bound // UNIT if self.chosen else 0

    @property
    def gap_minor(self) -> int:
        """How much cheaper a plan might be; the whole cost if it might cover more units, since then costs do not compare."""
        ours, least = self.best % UNIT // MINOR, self.bound % UNIT // MINOR
        if not self.chosen:
            return 0
        return ours if self.gap_units else ours - least

    def _try_single_locations(self) -> None:
        network = self.network
        units, steps = sum(network.want), network.steps(network.want)
        for index, offer in enumerate(network.offers):
            if network.covers_alone(index):
                content = steps * offer.zone.per_step_minor + units * offer.location.labor_minor_per_unit
                below = 0 if offer.free is offer.supply else units - sum(offer.free)
                self.alone[index] = network.fixed[index] - network.split + content * MINOR + below * network.low
        if self.alone:
            index = min(self.alone, key=self.alone.__getitem__)
            if self.alone[index] < self.best:
                self.best, self.chosen, self.amounts = self.alone[index], (index,), [network.want.copy()]

    def _cover(
        self, chosen: tuple[int, ...], allowed: int, fixed: int, need: list[int], slots: int, *, bound: int
    ) -> None:
        """Complete `chosen` to sets of exactly `slots` more locations that cover all that is wanted.

        Every set is met once: a location that has had its turn is not allowed in its later siblings.
        """
        network = self.network
        least = network.floor - network.split
        for index in members(self._candidates(allowed, need, slots)):
            allowed ^= 1 << index
            others = (slots - 1) * network.fixed[(allowed & -allowed).bit_length() - 1] if slots > 1 and allowed else 0
            bound = max(bound, fixed + network.fixed[index] + others + least)
            if bound >= self.best:
                return  # the siblings to come have a higher fixed score still
            if not self.meter.spend():
                self.open_bound = min(self.open_bound, bound)
                return
            if slots == 1:
                self._consider((*chosen, index))
            elif allowed:
                supply = network.offers[index].supply
                rest = [max(0, units - have) for units, have in zip(need, supply, strict=True)]
                self._cover((*chosen, index), allowed, fixed + network.fixed[index], rest, slots - 1, bound=bound)

    def _candidates(self, allowed: int, need: list[int], slots: int) -> int:
        """Those of which one must be in the set: the suppliers of the scarcest missing item, or of all of them at the end."""
        missing = [i for i, units in enumerate(need) if units]
        if not missing:
            return allowed
        if slots == 1:
            for i in missing:
                allowed &= self.network.suppliers(i, need[i])
            return allowed
        return min((allowed & self.network.suppliers(i, 1) for i in missing), key=int.bit_count)

    def _extend(self, chosen: tuple[int, ...], allowed: int, score: int, slots: int, bound: int) -> None:
        """Add locations to a set that covers only a part, those that gain most first.

        What a location gains shrinks as others join (the covered value is submodular), so that the gains measured here
        bound from above what any `slots` of them can gain together.
        """
        gains = []
        for index in members(allowed):
            if not self.meter.spend():
                self.open_bound = min(self.open_bound, bound)
                break
            gains.append((greedy(self.network, (*chosen, index))[0] - score, index))
        gains.sort()
        for place, (loss, index) in enumerate(gains):
            later = sum(min(0, other) for other, _ in gains[place + 1 : place + slots])
            bound = max(bound, score + loss + later)
            if bound >= self.best:
                return
            self._consider((*chosen, index))
            if self.meter.spent >= self.meter.limit:
                self.open_bound = min(self.open_bound, bound)
                return
            allowed ^= 1 << index
            if slots > 1 and allowed:
                self._extend((*chosen, index), allowed, score + loss, slots - 1, bound)

    def _consider(self, chosen: tuple[int, ...]) -> None:
        found = spread(self.network, chosen, self.best, self.meter)
        if found is None:
            return
        if found.bound < found.score:
            self.open_bound = min(self.open_bound, found.bound)
        if found.score < self.best:
            self._take(found.chosen, found.amounts, found.score)

    def _take(self, chosen: tuple[int, ...], amounts: Amounts, score: int) -> None:
        """Make it the best so far, without the locations that send nothing: the score paid for them as well."""
        idle = [position for position, row in enumerate(amounts) if not any(row)]
        self.best = score - sum(self.network.fixed[chosen[position]] for position in idle)
        self.chosen = tuple(index for position, index in enumerate(chosen) if position not in idle)
        self.amounts = [row for row in amounts if any(row)]
