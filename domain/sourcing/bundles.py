"""Keeps bundles together: where the best plan would split a set, its sets are given to one host each, one by one."""

from collections import Counter
from dataclasses import dataclass, field, replace

from domain.sourcing.budget import Budget
from domain.sourcing.distribution import Amounts
from domain.sourcing.network import UNIT, Network
from domain.sourcing.offers import Item, Offer
from domain.sourcing.problem import SourcingProblem
from domain.sourcing.search import NOTHING_FOUND, Search

Sets = list[list[int]]  # [position in the plan][bundle]
NODES_PER_SEARCH = 20  # what putting a network together takes, beside the search in it


@dataclass(frozen=True)
class Bundle:
    """So many sets, and units by item index in each."""

    name: str
    sets: int
    parts: dict[int, int]


def bundles_of(problem: SourcingProblem, items: list[Item]) -> list[Bundle]:
    """In the order in which the lines name them."""
    index = {item.id: i for i, item in enumerate(items)}
    sets: dict[str, int] = {}
    parts: dict[str, dict[int, int]] = {}
    for line in problem.demand:
        if line.bundle:
            sets[line.bundle] = line.quantity // line.per_bundle
            parts.setdefault(line.bundle, {})[index[line.item_id]] = line.per_bundle
    return [Bundle(name, sets[name], each) for name, each in parts.items()]


def whole_sets(bundles: list[Bundle], wanted: list[int], amounts: Amounts) -> Sets | None:
    """The sets in each parcel; None if units are left over that nobody wants without the rest of their set."""
    left_of = [bundle.sets for bundle in bundles]
    loose = list(wanted)
    for bundle in bundles:
        for i, each in bundle.parts.items():
            loose[i] -= each * bundle.sets
    found = []
    for row in amounts:
        units, here = list(row), []
        for n, bundle in enumerate(bundles):
            count = min(left_of[n], *(units[i] // each for i, each in bundle.parts.items()))
            left_of[n] -= count
            here.append(count)
            for i, each in bundle.parts.items():
                units[i] -= count * each
        loose = [left - unit for left, unit in zip(loose, units, strict=True)]
        found.append(here)
    return None if min(loose) < 0 else found


@dataclass
class Together:
    """Branch and bound over the hosts of sets; a search that lets the other sets split bounds each branch.

    Afterwards `search` holds the best plan that splits no set, and `sets` where they are; `is_binding` says that the
    plan without that limit was another. A host is an index of the offers; the one beyond them all stands for none.
    """

    search: Search
    bundles: list[Bundle]
    budget: Budget
    sets: Sets = field(default_factory=list, init=False)
    is_binding: bool = field(default=False, init=False)

    def run(self) -> None:
        """Nothing more to do where the plan splits no set."""
        search = self.search
        self.items, self.want = search.network.items, search.network.want
        self.wanted = [item.quantity for item in self.items]
        self.sets = whole_sets(self.bundles, self.wanted, search.amounts) or []
        if self.sets or not search.chosen:
            return
        self.is_binding, self.left = True, self.budget.nodes
        self.each = [n for n, bundle in enumerate(self.bundles) for _ in range(bundle.sets)]
        bound, search.open_bound = search.bound, NOTHING_FOUND
        search.best, search.chosen, search.amounts = NOTHING_FOUND, (), []
        self._try_alone()
        self._branch((), bound)

    def part_of(self, offer: Offer) -> str:
        """The bundle that the location has only a part of, where that mattered."""
        for bundle in self.bundles if self.is_binding else ():
            has = [offer.supply[i] >= each for i, each in bundle.parts.items()]
            if not all(has) and any(offer.supply[i] for i in bundle.parts):
                return bundle.name
        return ""

    def _try_alone(self) -> None:
        """A location that covers everything sends no part of a set without the others."""
        alone = self.search.alone
        sets = whole_sets(self.bundles, self.wanted, [self.want])
        if alone and sets:
            index = min(alone, key=alone.__getitem__)
            self._take(alone[index], (index,), [self.want.copy()], sets)

    def _branch(self, hosts: tuple[int, ...], bound: int) -> None:
        """Give the next set to every host that has it whole, the cheapest first, or to none.

        Sets of a bundle are alike: the next one never goes to an earlier host.
        """
        n, offers = self.each[len(hosts)], self.search.network.offers
        is_alike = hosts and self.each[len(hosts) - 1] == n
        for host in range(hosts[-1] if is_alike else 0, len(offers) + 1):
            at_least = max(bound, self._least({*hosts, host}))
            if at_least >= self.search.best:
                if host == len(offers):
                    return
                continue
            if host < len(offers) and not self._has_room(hosts, host, n):
                continue
            if self.left <= 0:
                self.search.open_bound = min(self.search.open_bound, at_least)
                return
            self._try((*hosts, host), at_least)

    def _least(self, hosts: set[int]) -> int:
        """What every plan costs that sends a set from each of these; a plan that leaves units out scores more anyway."""
        network = self.search.network
        real = hosts - {len(network.offers)}
        return network.fixed_score(real) + network.floor if real else 0

    def _has_room(self, hosts: tuple[int, ...], host: int, n: int) -> bool:
        taken, supply = self._taken(hosts), self.search.network.offers[host].supply
        return all(supply[i] >= each + taken[host, i] for i, each in self.bundles[n].parts.items())

    def _taken(self, hosts: tuple[int, ...]) -> Counter[tuple[int, int]]:
        """Units by host and item."""
        taken: Counter[tuple[int, int]] = Counter()
        for n, host in zip(self.each, hosts, strict=False):
            for i, each in self.bundles[n].parts.items():
                taken[host, i] += each
        return taken

    def _try(self, hosts: tuple[int, ...], bound: int) -> None:
        taken = self._taken(hosts)
        network = self._network(taken)
        more = (sum(self.want) - sum(network.want)) * UNIT  # units that these hosts rule out
        if more >= self.search.best:
            return
        inner = Search(network, Budget(max(1, self.left)), beat=self.search.best - more)
        if any(network.want):
            inner.run()
        else:
            inner.best = 0
        self.left -= inner.meter.spent + NODES_PER_SEARCH
        self.search.meter.spent += inner.meter.spent
        self._judge(hosts, network, inner, more, bound)

    def _judge(self, hosts: tuple[int, ...], network: Network, inner: Search, more: int, bound: int) -> None:
        """Take the plan if it splits no set, else go on from its bound; nothing found is nothing better."""
        bound = max(bound, inner.bound + more)
        if bound >= self.search.best:
            return
        count = len(self.items)
        loose = [row[:count] for row in inner.amounts]
        rest = [replace(bundle, sets=self.each[len(hosts) :].count(n)) for n, bundle in enumerate(self.bundles)]
        sets = whole_sets(rest, [item.quantity for item in network.items[:count]], loose)
        if sets is not None and inner.best + more < self.search.best:
            for position, index in enumerate(inner.chosen):
                for n, host in zip(self.each, hosts, strict=False):
                    sets[position][n] += host == index
            self._take(inner.best + more, inner.chosen, self._together(network, inner.amounts), sets)
            self.search.open_bound = min(self.search.open_bound, bound)
        elif len(hosts) < len(self.each):
            self._branch(hosts, bound)
        else:
            self.search.open_bound = min(self.search.open_bound, bound)

    def _network(self, taken: Counter[tuple[int, int]]) -> Network:
        """The units of sets with a host are entries of their own, which only that host supplies."""
        network, none = self.search.network, len(self.search.network.offers)
        gone: Counter[int] = Counter()
        for (_, i), units in taken.items():
            gone[i] += units
        entries = {key: units for key, units in taken.items() if key[0] != none}
        loose = [replace(item, quantity=item.quantity - gone[i]) for i, item in enumerate(self.items)]
        items = [*loose, *(replace(self.items[i], quantity=units) for (_, i), units in entries.items())]
        offers = [self._offer(index, offer, loose, entries) for index, offer in enumerate(network.offers)]
        return Network(items, offers, network.rule, network.weight_step_g)

    def _offer(self, index: int, offer: Offer, loose: list[Item], entries: dict[tuple[int, int], int]) -> Offer:
        def less(units: list[int]) -> list[int]:
            return [
                min(item.quantity, max(0, have - entries.get((index, i), 0)))
                for i, (item, have) in enumerate(zip(loose, units, strict=True))
            ]

        supply = less(offer.supply) + [units if host == index else 0 for (host, _), units in entries.items()]
        free = less(offer.free) + [
            min(units, offer.free[i]) if host == index else 0 for (host, i), units in entries.items()
        ]
        return replace(offer, supply=supply, free=supply if free == supply else free)

    def _together(self, network: Network, amounts: Amounts) -> Amounts:
        """Units by the items that the order names."""
        index = {item.id: i for i, item in enumerate(self.items)}
        rows = []
        for row in amounts:
            units = [0] * len(self.items)
            for item, count in zip(network.items, row, strict=True):
                units[index[item.id]] += count
            rows.append(units)
        return rows

    def _take(self, score: int, chosen: tuple[int, ...], amounts: Amounts, sets: Sets) -> None:
        self.search.best, self.search.chosen, self.search.amounts, self.sets = score, chosen, amounts, sets
