"""What became of every location: the best it could have cost, and the reason why it lost."""

from dataclasses import dataclass

from domain.sourcing.bundles import Together
from domain.sourcing.network import MINOR, UNIT, members
from domain.sourcing.offers import Offer, Refusal
from domain.sourcing.plan import Candidate, PlannedParcel, Verdict


def refused(refusal: Refusal) -> Candidate:
    return Candidate(
        location_id=refusal.location.id,
        verdict=refusal.verdict,
        detail=refusal.detail,
        distance_km=refusal.distance_km,
    )


def judged(together: Together, parcels: tuple[PlannedParcel, ...]) -> list[Candidate]:
    """Every location that could have sent something, held against the plan."""
    offers = together.search.network.offers
    if not offers:
        return []
    judge = _Judge(together, parcels)
    return [judge.candidate(index, offer) for index, offer in enumerate(offers)]


@dataclass
class _Judge:
    together: Together
    parcels: tuple[PlannedParcel, ...]

    def __post_init__(self) -> None:
        self.search = self.together.search
        self.network = network = self.search.network
        self.best_minor = self.search.best % UNIT // MINOR
        self.proven_minor = self.search.bound % UNIT // MINOR
        self.is_complete = bool(self.parcels) and self.search.best < UNIT
        self.may_split = network.rule.parcel_limit > 1 and len(network.offers) > 1
        self.steps, self.units = network.steps(network.want), sum(network.want)
        self.chosen = {parcel.location_id for parcel in self.parcels}
        self.cheapest_two = [
            [network.fixed[index] for index in _lowest_two(network.suppliers(i, 1))] if want else []
            for i, want in enumerate(network.want)
        ]

    def candidate(self, index: int, offer: Offer) -> Candidate:
        alone = self.search.alone.get(index)
        alone_minor = None if alone is None else alone // MINOR
        score = self._score(index, offer, alone_minor) if self.is_complete else None
        verdict = self._verdict(offer, score, alone_minor)
        return Candidate(
            location_id=offer.location.id,
            verdict=verdict,
            detail=self._detail(offer, verdict, score, alone_minor),
            score_minor=score,
            alone_minor=alone_minor,
            units=sum(offer.supply),
            distance_km=offer.distance_km,
            zone=offer.zone_name,
        )

    def _score(self, index: int, offer: Offer, alone_minor: int | None) -> int | None:
        """The least that a complete plan with this location can cost; no plan costs less than what the search proved."""
        if not self.may_split:
            return alone_minor
        split_minor = self._split_bound(index, offer)
        return max(split_minor if alone_minor is None else min(alone_minor, split_minor), self.proven_minor)

    def _split_bound(self, index: int, offer: Offer) -> int:
        """With a second parcel: at least from the cheapest other location that has what is missing here."""
        network = self.network
        own = network.fixed[index]
        second = network.fixed[1 if index == 0 else 0]
        for i, have in enumerate(offer.supply):
            if have < network.want[i]:
                cheapest = self.cheapest_two[i]
                second = max(second, cheapest[1] if cheapest[0] == own else cheapest[0])
        return (own + second - network.split + network.floor) // MINOR

    def _verdict(self, offer: Offer, score: int | None, alone_minor: int | None) -> Verdict:
        if offer.location.id in self.chosen:
            return Verdict.CHOSEN
        if self.together.part_of(offer):
            return Verdict.BUNDLE
        if not self.parcels:
            return Verdict.HELD_BACK
        if not self.is_complete:
            return Verdict.COVERS_LESS
        if score is None:
            return Verdict.PARCEL_LIMIT
        return Verdict.TIE if alone_minor == self.best_minor else Verdict.COST

    def _detail(self, offer: Offer, verdict: Verdict, score: int | None, alone_minor: int | None) -> str:
        if verdict is Verdict.BUNDLE:
            return self.together.part_of(offer)
        return self._dearest(offer, alone_minor) if verdict is Verdict.COST and alone_minor == score else ""

    def _dearest(self, offer: Offer, alone_minor: int | None) -> str:
        """The cost that sets the location back most against a plan of one parcel."""
        if alone_minor is None or len(self.parcels) > 1:
            return ""
        ours = self.parcels[0].cost
        shipping = offer.zone.base_minor + self.steps * offer.zone.per_step_minor
        labor = self.units * offer.location.labor_minor_per_unit
        low_stock = alone_minor - shipping - offer.location.handling_minor - labor - offer.lateness_minor
        return max(
            (shipping - ours.shipping_minor, "shipping"),
            (offer.location.handling_minor - ours.handling_minor, "handling"),
            (labor - ours.labor_minor, "labor"),
            (offer.lateness_minor - ours.lateness_minor, "lateness"),
            (low_stock - ours.low_stock_minor, "low stock"),
        )[1]


def _lowest_two(bits: int) -> list[int]:
    return [index for index, _ in zip(members(bits), range(2), strict=False)]
