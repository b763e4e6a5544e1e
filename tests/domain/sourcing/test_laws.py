"""What holds for every order: the demand is covered or explained, nothing is oversold, the answer is always the same."""

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sourcing import RoutingPlan, SourcingProblem, SourcingRules, Verdict, source
from tests.domain.sourcing.make import line, location, order, rules

quantities = st.integers(1, 5)
items = st.sampled_from(["mug", "cup", "pot"])
places = st.builds(
    lambda stock, **facts: {"stock": stock, **facts},
    st.dictionaries(items, st.integers(0, 6)),
    kind=st.sampled_from(["warehouse", "store", "3pl"]),
    handling_minor=st.sampled_from([0, 100]),
    labor_minor_per_unit=st.integers(0, 30),
    low_stock_threshold=st.integers(0, 3),
    accepts_hazmat=st.booleans(),
    capacity_per_day=st.sampled_from([None, 0, 1]),
    enabled=st.sampled_from([True, True, False]),
)
demands = st.lists(st.tuples(items, quantities), min_size=1, max_size=5)
limits = st.fixed_dictionaries(
    {
        "max_parcels": st.integers(1, 4),
        "split_penalty_minor": st.sampled_from([0, 200]),
        "low_stock_penalty_minor_per_unit": st.sampled_from([0, 25]),
        "ship_complete": st.booleans(),
    }
)


@st.composite
def decisions(draw: st.DrawFn) -> tuple[SourcingProblem, SourcingRules]:
    facts = draw(st.lists(places, max_size=7))
    demand = tuple(
        line(f"{number}", item, quantity, weight_g=300, hazmat=item == "pot")
        for number, (item, quantity) in enumerate(draw(demands))
    )
    sites = [location(f"L{number}", **fact) for number, fact in enumerate(facts)]
    return order(*sites, demand=demand), rules(draw(limits))


def sent(plan: RoutingPlan) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for parcel in plan.parcels:
        for planned in parcel.lines:
            units[parcel.location_id, planned.item_id] += planned.quantity
    return units


@given(decisions())
def test_every_unit_is_sent_or_its_absence_is_explained(decision: tuple[SourcingProblem, SourcingRules]) -> None:
    plan = source(*decision)

    units: Counter[str] = Counter()
    for parcel in plan.parcels:
        for planned in parcel.lines:
            units[planned.line_id] += planned.quantity
    for shortfall in plan.shortfalls:
        units[shortfall.line_id] += shortfall.quantity
    assert {demanded.line_id: demanded.quantity for demanded in decision[0].demand} == units
    assert len({shortfall.line_id for shortfall in plan.shortfalls}) == len(plan.shortfalls)


@given(decisions())
def test_no_location_sends_what_it_does_not_have(decision: tuple[SourcingProblem, SourcingRules]) -> None:
    problem, written = decision

    plan = source(problem, written)

    snapshots = {place.id: place for place in problem.locations}
    for (location_id, item_id), units in sent(plan).items():
        assert units <= snapshots[location_id].stock.get(item_id, 0)
        assert snapshots[location_id].accepts_hazmat or item_id != "pot"
    assert all(snapshots[parcel.location_id].capacity_per_day != 0 for parcel in plan.parcels)
    assert len(plan.parcels) <= written.rules[0].parcel_limit


@given(decisions())
def test_every_location_gets_a_verdict_and_only_senders_are_chosen(
    decision: tuple[SourcingProblem, SourcingRules],
) -> None:
    plan = source(*decision)

    assert sorted(place.id for place in decision[0].locations) == [c.location_id for c in plan.candidates]
    assert [parcel.location_id for parcel in plan.parcels] == [
        candidate.location_id for candidate in plan.candidates if candidate.verdict is Verdict.CHOSEN
    ]


@given(decisions(), st.randoms(use_true_random=False))
def test_the_order_of_locations_changes_nothing(
    decision: tuple[SourcingProblem, SourcingRules], random: Random
) -> None:
    problem, written = decision
    shuffled = list(problem.locations)
    random.shuffle(shuffled)

    plan = source(problem.model_copy(update={"locations": tuple(shuffled)}), written)

    assert source(problem, written) == plan


@given(decisions())
@settings(max_examples=50)
def test_a_decision_stored_as_json_gives_the_same_plan_again(decision: tuple[SourcingProblem, SourcingRules]) -> None:
    problem, written = decision
    stored = problem.model_dump_json(), written.model_dump_json()

    again = SourcingProblem.model_validate_json(stored[0]), SourcingRules.model_validate_json(stored[1])

    assert decision == again
    assert stored == (again[0].model_dump_json(), again[1].model_dump_json())
    plan = source(*again)
    assert source(problem, written) == plan
    assert RoutingPlan.model_validate_json(plan.model_dump_json()) == plan


@given(st.integers(1, 6), st.lists(quantities, min_size=2, max_size=4))
def test_lines_of_one_item_share_its_stock(stock: int, wanted: list[int]) -> None:
    demand = tuple(line(f"{number}", "mug", quantity) for number, quantity in enumerate(wanted))

    plan = source(order(location("A", {"mug": stock}), demand=demand), rules())

    assert sum(sent(plan).values()) == min(stock, sum(wanted))


def test_ties_go_to_fewer_parcels_and_then_to_the_earlier_id() -> None:
    free = rules(zones={"1": {"base_minor": 0, "transit_days": 1}})
    stock = {"mug": 1, "cup": 1}
    problem = order(
        location("C", stock),
        location("A", {"mug": 1}),
        location("B", {"cup": 1}),
        location("D", stock),
        demand=(line("1", "mug"), line("2", "cup")),
    )

    plan = source(problem, free)

    assert [parcel.location_id for parcel in plan.parcels] == ["C"]
