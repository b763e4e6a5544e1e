"""Says why: a verdict and a sentence for every location, and one line for the whole plan."""

from dataclasses import dataclass

from domain.money import Money
from domain.sourcing.network import MINOR, UNIT
from domain.sourcing.offers import Offer, Refusal
from domain.sourcing.plan import Candidate, PlannedParcel, RoutingPlan, Verdict
from domain.sourcing.search import Search

REFUSALS = {
    Verdict.DISABLED: "is switched off",
    Verdict.EXCLUDED_FOR_ORDER: "may not serve this order: {}",
    Verdict.EXCLUDED_BY_RULE: "is excluded by the rule",
    Verdict.NOT_PICKUP_LOCATION: "is not {}, where the buyer picks up",
    Verdict.NO_PICKUP: "does not offer pickup",
    Verdict.KIND: "is a {}, which the rule does not allow",
    Verdict.REGION: "is in region {}, which the rule does not allow",
    Verdict.DISTANCE: "is too far away: {}",
    Verdict.DISTANCE_UNKNOWN: "has no known distance, and the rule limits it",
    Verdict.NO_LANE: "has no carrier lane to the destination",
    Verdict.HAZMAT: "has the goods but does not accept hazmat",
    Verdict.NO_STOCK: "has none of the goods",
    Verdict.CAPACITY: "has no capacity in the next 60 days",
}


def explain_refusal(refusal: Refusal) -> Candidate:
    return Candidate(
        location_id=refusal.location.id,
        verdict=refusal.verdict,
        sentence=REFUSALS[refusal.verdict].format(refusal.detail),
        distance_km=refusal.distance_km,
    )


def explain_offers(search: Search, parcels: tuple[PlannedParcel, ...], currency: str) -> list[Candidate]:
    """Every location that could have sent something, against the plan."""
    judge = _Judge(search, parcels, currency)
    return [judge.candidate(index, offer) for index, offer in enumerate(search.network.offers)]


@dataclass
class _Judge:
    search: Search
    parcels: tuple[PlannedParcel, ...]
    currency: str

    def __post_init__(self) -> None:
        self.network = network = self.search.network
        self.best_minor = self.search.best % UNIT // MINOR
        self.proven_minor = self.search.bound % UNIT // MINOR
        self.units = sum(network.want)
        weight = sum(want * item.weight_g for want, item in zip(network.want, network.items, strict=True))
        self.steps = -(-weight // network.weight_step_g)
        self.chosen = {parcel.location_id: parcel for parcel in self.parcels}

    def candidate(self, index: int, offer: Offer) -> Candidate:
        alone = self.search.alone.get(index)
        alone_minor = None if alone is None else alone // MINOR
        score = self._score(index, alone_minor)
        verdict, sentence = self._judge(offer, score, alone_minor)
        return Candidate(
            location_id=offer.location.id,
            verdict=verdict,
            sentence=sentence,
            score_minor=score,
            alone_minor=alone_minor,
            distance_km=offer.distance_km,
            zone=offer.zone_name,
        )

    def _score(self, index: int, alone_minor: int | None) -> int | None:
        """The least that a plan with this location can cost, when the order can be covered at all."""
        if not self.parcels or self.search.best >= UNIT:
            return None
        bounds = [] if alone_minor is None else [alone_minor]
        if self.network.rule.parcel_limit > 1 and len(self.network.offers) > 1:
            bounds.append(self._split_bound(index))
        return max(min(bounds), self.proven_minor) if bounds else None

    def _split_bound(self, index: int) -> int:
        """With a second parcel: at least from the cheapest location that has what is missing here."""
        network, itself = self.network, 1 << index
        second = network.fixed[1 if index == 0 else 0]
        for i, want in enumerate(network.want):
            if network.offers[index].supply[i] < want:
                others = network.suppliers(i, 1) & ~itself
                second = max(second, network.fixed[(others & -others).bit_length() - 1])
        return (network.fixed[index] + second - network.split + network.floor) // MINOR

    def _judge(self, offer: Offer, score: int | None, alone_minor: int | None) -> tuple[Verdict, str]:
        has = f"has {sum(offer.supply)} of {self.units} units"
        parcel = self.chosen.get(offer.location.id)
        if parcel is not None:
            return Verdict.CHOSEN, f"sends {_count(parcel)} for {self._money(parcel.cost.total_minor)}"
        if not self.parcels:
            return Verdict.HELD_BACK, f"{has}, but the order leaves complete or not at all"
        if self.search.best >= UNIT:
            return Verdict.COVERS_LESS, f"{has}; no plan with it was found to cover more, or as much for less"
        if score is None:
            return Verdict.PARCEL_LIMIT, f"{has}, and the rule allows one parcel"
        return self._compare(offer, score, alone_minor)

    def _compare(self, offer: Offer, score: int, alone_minor: int | None) -> tuple[Verdict, str]:
        if alone_minor == self.best_minor:
            return Verdict.TIE, "costs the same, and lost the tie: fewer parcels first, then the order of ids"
        if alone_minor is not None and alone_minor == score:
            return Verdict.COST, self._alone_sentence(offer, alone_minor)
        has = f"has {sum(offer.supply)} of {self.units} units"
        return Verdict.COST, f"{has}; a plan with it costs at least {self._money(score)}"

    def _alone_sentence(self, offer: Offer, alone_minor: int) -> str:
        sentence = f"costs {self._money(alone_minor)}, {self._money(alone_minor - self.best_minor)} more"
        if len(self.parcels) > 1:
            return sentence
        ours, shipping = self.parcels[0].cost, offer.zone.base_minor + self.steps * offer.zone.per_step_minor
        labor = self.units * offer.location.labor_minor_per_unit
        rest = alone_minor - shipping - offer.location.handling_minor - labor - offer.lateness_minor
        more = {
            f"shipping in zone {offer.zone_name}": shipping - ours.shipping_minor,
            "handling": offer.location.handling_minor - ours.handling_minor,
            "labor": labor - ours.labor_minor,
            "lateness": offer.lateness_minor - ours.lateness_minor,
            "low stock": rest - ours.low_stock_minor,
        }
        reason = max(more, key=more.__getitem__)
        return f"{sentence}: {reason} +{self._money(more[reason])}"

    def _money(self, minor: int) -> str:
        return str(Money(amount_minor=minor, currency=self.currency))


def why(plan: RoutingPlan) -> str:
    """One line for tables and `tutti why`: who sends what for how much, who came next, and what stays behind."""
    parts = [f"{parcel.location_id} sends {_count(parcel)}" for parcel in plan.parcels]
    if parts:
        parts[-1] += f", {Money(amount_minor=plan.total_minor, currency=plan.currency)} in all"
    if plan.parcels and not plan.is_optimal:
        parts.append(f"at most {Money(amount_minor=plan.proven_gap_minor, currency=plan.currency)} above the optimum")
    lost = [
        candidate
        for candidate in plan.candidates
        if candidate.verdict is not Verdict.CHOSEN and candidate.score_minor is not None
    ]
    if lost:
        nearest = min(lost, key=lambda candidate: (candidate.score_minor, candidate.location_id))
        parts.append(f"{nearest.location_id} {nearest.sentence}")
    parts += [
        f"{'backordered' if shortfall.backordered else 'not covered'}: {shortfall.quantity} of line {shortfall.line_id}, "
        f"{shortfall.sentence}"
        for shortfall in plan.shortfalls
    ]
    return "; ".join(parts)


def _count(parcel: PlannedParcel) -> str:
    units = sum(line.quantity for line in parcel.lines)
    return f"{units} unit{'' if units == 1 else 's'}"
