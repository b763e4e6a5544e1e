"""Decides which locations send what: the entry point of sourcing."""

from domain.sourcing.budget import Budget
from domain.sourcing.bundles import Together, bundles_of
from domain.sourcing.network import Network
from domain.sourcing.offers import Item, Offer, Refusal, appraiser, items_of
from domain.sourcing.parcels import parcels_of
from domain.sourcing.plan import PlannedParcel, RoutingPlan, Shortfall, ShortfallReason
from domain.sourcing.problem import SourcingProblem
from domain.sourcing.rules import SourcingRule, SourcingRules
from domain.sourcing.search import Search
from domain.sourcing.shortfalls import shortfalls_of
from domain.sourcing.verdicts import judged, refused

DEFAULT_BUDGET = Budget()


def source(problem: SourcingProblem, rules: SourcingRules, budget: Budget = DEFAULT_BUDGET) -> RoutingPlan:
    """The plan that covers most units and, among those, costs least: within the first matching rule's limits.

    The same input gives the same plan, in whatever order the locations stand.
    """
    rule = rules.rule_for(problem)
    items = items_of(problem)
    if rule is None:
        return _without_rule(problem, rules, items)
    appraise = appraiser(problem, rules, rule, items)
    appraisals = [appraise(location) for location in problem.locations]
    offers = [appraisal for appraisal in appraisals if isinstance(appraisal, Offer)]
    refusals = [appraisal for appraisal in appraisals if isinstance(appraisal, Refusal)]
    search = Search(Network(items, offers, rule, rules.weight_step_g), budget)
    if offers:
        search.run()
    together = Together(search, [] if rule.bundles_may_split else bundles_of(problem, items), budget)
    together.run()
    parcels, shortfalls = _carry_out(problem, rule, together)
    candidates = [*judged(together, parcels), *map(refused, refusals)]
    return RoutingPlan(
        order_id=problem.order_id,
        round=problem.round,
        rules_version=rules.version,
        rule=rule.name,
        currency=rules.currency,
        parcels=parcels,
        shortfalls=shortfalls,
        proven_gap_minor=search.gap_minor if parcels else 0,
        proven_gap_units=search.gap_units,
        nodes=search.meter.spent,
        candidates=tuple(sorted(candidates, key=lambda candidate: candidate.location_id)),
    )


def _carry_out(
    problem: SourcingProblem, rule: SourcingRule, together: Together
) -> tuple[tuple[PlannedParcel, ...], tuple[Shortfall, ...]]:
    """The parcels of what was found and what they leave out; no parcels if the order may only leave complete."""
    network = together.search.network
    of_bundles = ShortfallReason.BUNDLE if together.is_binding else None

    def left_out(parcels: tuple[PlannedParcel, ...], reason: ShortfallReason) -> tuple[Shortfall, ...]:
        return shortfalls_of(
            problem,
            network.items,
            network.want,
            parcels,
            otherwise=reason,
            of_bundles=of_bundles,
            backordered=rule.backorder_allowed,
        )

    parcels = parcels_of(problem, together)
    shortfalls = left_out(parcels, ShortfallReason.PARCEL_LIMIT)
    must_be_complete = problem.ship_complete or rule.ship_complete or not rule.partial_allowed
    if shortfalls and must_be_complete:
        return (), left_out((), ShortfallReason.HELD_BACK)
    return parcels, shortfalls


def _without_rule(problem: SourcingProblem, rules: SourcingRules, items: list[Item]) -> RoutingPlan:
    obtainable = [item.quantity for item in items]
    return RoutingPlan(
        order_id=problem.order_id,
        round=problem.round,
        rules_version=rules.version,
        rule=None,
        currency=rules.currency,
        shortfalls=shortfalls_of(problem, items, obtainable, (), otherwise=ShortfallReason.NO_RULE, backordered=False),
    )
