"""The engine against an independent solver on thousands of random orders."""

import os

import pytest

from domain.sourcing import Budget, source
from tests.domain.sourcing.milp import least_cost
from tests.domain.sourcing.random_orders import random_order

ORDERS = int(os.environ.get("TUTTI_TEST_SOURCING_ORDERS", "2000"))
CHUNKS = 20


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_never_costs_more_than_the_optimum_of_an_independent_solver(chunk: int) -> None:
    for seed in range(chunk * ORDERS // CHUNKS, (chunk + 1) * ORDERS // CHUNKS):
        problem, rules = random_order(seed)

        plan = source(problem, rules, Budget(nodes=1_000_000))

        uncovered = sum(shortfall.quantity for shortfall in plan.shortfalls)
        assert plan.is_optimal, seed
        assert least_cost(problem, rules) == (uncovered, plan.total_minor), seed


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_never_costs_more_than_the_optimum_that_keeps_bundles_together(chunk: int) -> None:
    for seed in range(chunk * ORDERS // CHUNKS // 2, (chunk + 1) * ORDERS // CHUNKS // 2):
        problem, rules = random_order(seed, with_bundles=True)

        plan = source(problem, rules, Budget(nodes=1_000_000))

        uncovered = sum(shortfall.quantity for shortfall in plan.shortfalls)
        assert plan.is_optimal, seed
        assert least_cost(problem, rules) == (uncovered, plan.total_minor), seed


def test_finds_the_optimum_of_long_orders_over_many_locations() -> None:
    for seed in range(25):
        problem, rules = random_order(seed, most_items=10, most_lines=10, most_locations=40)

        plan = source(problem, rules, Budget(nodes=1_000_000))

        uncovered = sum(shortfall.quantity for shortfall in plan.shortfalls)
        assert plan.is_optimal, seed
        assert least_cost(problem, rules) == (uncovered, plan.total_minor), seed


def test_a_search_that_ends_early_reports_a_gap_that_holds_the_optimum() -> None:
    open_gaps = 0
    for seed in range(300):
        problem, rules = random_order(seed)

        plan = source(problem, rules, Budget(nodes=3))

        uncovered, cost = least_cost(problem, rules)
        more_units = sum(shortfall.quantity for shortfall in plan.shortfalls) - uncovered
        open_gaps += not plan.is_optimal
        assert 0 <= more_units <= plan.proven_gap_units, seed
        if plan.proven_gap_units == 0:
            assert cost <= plan.total_minor <= cost + plan.proven_gap_minor, seed
    assert open_gaps > 0, "the budget must be too small for some of the orders, or this test shows nothing"
