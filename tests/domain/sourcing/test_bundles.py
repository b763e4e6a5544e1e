"""Sets leave one location whole, unless the rule lets them split, and the plan says what that cost."""

import pytest
from pydantic import ValidationError

from domain.sourcing import DemandLine, RoutingPlan, ShortfallReason, Verdict, sentence, source, why
from tests.domain.sourcing.make import line, location, order, rules


def gift_set(sets: int = 1) -> tuple[DemandLine, ...]:
    """A tee and two mugs in each."""
    return (
        line("1|tee", "tee", sets, bundle="1", per_bundle=1),
        line("1|mug", "mug", 2 * sets, bundle="1", per_bundle=2),
    )


def sent(plan: RoutingPlan) -> dict[str, list[tuple[str, int]]]:
    return {parcel.location_id: [(each.line_id, each.quantity) for each in parcel.lines] for parcel in plan.parcels}


PLACES = (
    location("CHEAP", {"tee": 9}),
    location("CLOSE", {"mug": 9}),
    location("WHOLE", {"tee": 9, "mug": 9}, handling_minor=5000),
)


def test_a_set_leaves_from_where_all_of_it_is_though_two_parcels_cost_less() -> None:
    plan = source(order(*PLACES, demand=gift_set()), rules())

    assert sent(plan) == {"WHOLE": [("1|tee", 1), ("1|mug", 2)]}
    assert plan.is_optimal
    assert [candidate.verdict for candidate in plan.candidates] == [Verdict.BUNDLE, Verdict.BUNDLE, Verdict.CHOSEN]
    assert sentence(plan.candidates[0], plan) == (
        "has 1 of 3 units, but only parts of bundle 1, which leaves one location whole"
    )


def test_a_rule_may_let_sets_split() -> None:
    plan = source(order(*PLACES, demand=gift_set()), rules({"bundles_may_split": True}))

    assert sent(plan) == {"CHEAP": [("1|tee", 1)], "CLOSE": [("1|mug", 2)]}


def test_a_set_that_is_nowhere_whole_waits_with_its_reason_and_the_rest_leaves() -> None:
    plan = source(order(*PLACES[:2], demand=(*gift_set(), line("2", "mug"))), rules())

    assert sent(plan) == {"CLOSE": [("2", 1)]}
    assert [(short.line_id, short.quantity, short.reason) for short in plan.shortfalls] == [
        ("1|tee", 1, ShortfallReason.BUNDLE),
        ("1|mug", 2, ShortfallReason.BUNDLE),
    ]
    assert "no location that may serve the order has its bundle whole" in why(plan)


def test_several_sets_may_leave_from_several_places_each_whole() -> None:
    places = (location("A", {"tee": 1, "mug": 3}), location("B", {"tee": 2, "mug": 2}))

    plan = source(order(*places, demand=gift_set(2)), rules())

    assert sent(plan) == {"A": [("1|tee", 1), ("1|mug", 2)], "B": [("1|tee", 1), ("1|mug", 2)]}


def test_sets_are_served_before_single_units_of_the_same_item() -> None:
    place = location("A", {"tee": 1, "mug": 2})

    plan = source(order(place, demand=(line("0", "tee"), *gift_set())), rules())

    assert sent(plan) == {"A": [("1|tee", 1), ("1|mug", 2)]}
    assert [(short.line_id, short.reason) for short in plan.shortfalls] == [("0", ShortfallReason.NO_STOCK)]


def test_lines_that_are_no_whole_sets_are_refused_with_the_remedy() -> None:
    halves = (line("1|tee", "tee", 1, bundle="1"), line("1|mug", "mug", 3, bundle="1", per_bundle=2))

    with pytest.raises(ValidationError, match="the lines of bundle '1' are no whole sets; leave out `bundle`"):
        order(*PLACES, demand=halves)
