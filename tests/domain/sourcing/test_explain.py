"""The sentences that people read: `why` for a plan, `sentence` for a location."""

from domain.sourcing import Budget, RoutingPlan, Verdict, sentence, source, why
from tests.domain.sourcing.make import line, location, order, rules
from tests.domain.sourcing.random_orders import random_order


def told(plan: RoutingPlan) -> dict[str, str]:
    return {candidate.location_id: sentence(candidate, plan) for candidate in plan.candidates}


def test_says_who_ships_who_came_closest_and_why_it_lost() -> None:
    problem = order(location("ATL"), location("BER", handling_minor=90), location("CHI", handling_minor=200))

    plan = source(problem, rules())

    assert why(plan) == "ATL ships 1 unit on 2026-11-02 for 5.00 USD; BER would cost 0.90 USD more, mostly for handling"


def test_says_both_parcels_of_a_split_and_what_stays_behind() -> None:
    problem = order(
        location("ATL", {"mug": 1}),
        location("BER", {"cup": 1}),
        demand=(line("1", "mug"), line("2", "cup", quantity=3)),
    )

    plan = source(problem, rules())

    assert why(plan) == (
        "ATL ships 1 unit on 2026-11-02 for 5.00 USD; BER ships 1 unit on 2026-11-02 for 5.00 USD; 10.00 USD in all; "
        "2 units of line 2 backordered: the locations that may serve the order do not have enough"
    )


def test_tells_every_location_why_it_lost() -> None:
    problem = order(
        location("ATL", {"mug": 1, "cup": 1}),
        location("BER", {"mug": 1}),
        location("CHI", {"mug": 1, "cup": 1}),
        location("DEN", kind="store"),
        demand=(line("1", "mug"), line("2", "cup")),
    )

    plan = source(problem, rules({"kinds": ["warehouse"]}))

    assert told(plan) == {
        "ATL": "ships all 2 units on 2026-11-02 for 5.00 USD",
        "BER": "has 1 unit, and a plan with it costs at least 5.00 USD more",
        "CHI": "costs the same and lost the tie: fewer parcels first, then earlier ids",
        "DEN": "is a store, which the rule does not allow",
    }


def test_every_verdict_has_words() -> None:
    plan = source(order(location("ATL"), location("BER")), rules())

    for verdict in Verdict:
        candidate = plan.candidates[0].model_copy(update={"verdict": verdict})

        assert sentence(candidate, plan)


def test_no_location_scores_better_than_a_proven_optimum() -> None:
    for seed in range(200):
        plan = source(*random_order(seed), Budget(nodes=1_000_000))

        scores = [candidate.score_minor for candidate in plan.candidates if candidate.score_minor is not None]
        assert all(score >= plan.total_minor for score in scores), seed


def test_says_how_far_an_unproven_plan_may_be_from_the_optimum() -> None:
    plans = [source(*random_order(seed), Budget(nodes=3)) for seed in range(100)]

    unproven = [plan for plan in plans if plan.parcels and not plan.is_optimal]

    assert unproven
    assert all("the optimum is at most" in why(plan) for plan in unproven)


def test_a_chosen_location_without_a_parcel_still_reads() -> None:
    plan = source(order(location("ATL")), rules())
    emptied = plan.model_copy(update={"parcels": ()})

    assert sentence(plan.candidates[0], emptied) == "was chosen, and sends nothing"
