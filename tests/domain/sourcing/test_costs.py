"""Every cost term moves the decision, and the breakdown adds up."""

from datetime import date
from typing import Any

import pytest

from domain.sourcing import Centroid, CostBreakdown, Lane, Point, Zone, source
from tests.domain.sourcing.make import line, location, order, rules

NEAR_AND_FAR: dict[str, Any] = {
    "zones": {
        "near": Zone(base_minor=500, per_step_minor=100, transit_days=1),
        "far": Zone(base_minor=900, per_step_minor=300, transit_days=4),
    },
    "lanes": [Lane(zone="near", from_region="east"), Lane(zone="far")],
}


def test_a_parcel_pays_its_base_and_every_started_weight_step() -> None:
    problem = order(location("ATL", handling_minor=40), demand=(line(quantity=2, weight_g=501),))

    plan = source(problem, rules())

    assert plan.parcels[0].cost == CostBreakdown(shipping_minor=500 + 2 * 100, handling_minor=40)
    assert plan.total_minor == 740


def test_two_lines_that_fit_one_weight_step_together_pay_it_once() -> None:
    stock = {"mug": 5, "cup": 5}
    problem = order(location("ATL", stock), demand=(line("1", weight_g=400), line("2", "cup", weight_g=600)))

    plan = source(problem, rules())

    assert plan.total_minor == 600


def test_a_weight_step_is_filled_up_rather_than_started_anew_elsewhere() -> None:
    """By the gram B is the cheaper one for the cup, but A's parcel has a started step to fill."""
    zones = {"A": Zone(base_minor=0, per_step_minor=100, transit_days=1)}
    zones["B"] = Zone(base_minor=0, per_step_minor=90, transit_days=1)
    problem = order(
        location("A", {"mug": 1, "cup": 1}),
        location("B", {"cup": 1, "pot": 1}),
        demand=(line("1", "mug", weight_g=600), line("2", "cup", weight_g=400), line("3", "pot", weight_g=900)),
    )

    plan = source(problem, rules(zones=zones, lanes=[Lane(zone=name, from_location_id=name) for name in zones]))

    assert plan.total_minor == 190
    assert [[planned.line_id for planned in parcel.lines] for parcel in plan.parcels] == [["1", "2"], ["3"]]


@pytest.mark.parametrize(
    ("costly", "rule"),
    [
        ({"handling_minor": 1}, {}),
        ({"labor_minor_per_unit": 1}, {}),
        ({"low_stock_threshold": 9}, {"low_stock_penalty_minor_per_unit": 1}),
        ({"cut_off": "08:00"}, {"lateness_penalty_minor_per_day": 1}),
    ],
)
def test_each_cost_term_alone_makes_a_location_lose(costly: dict[str, Any], rule: dict[str, Any]) -> None:
    problem = order(location("A", **costly), location("B"), promised_on=date(2026, 11, 3))

    plan = source(problem, rules(rule))

    assert [parcel.location_id for parcel in plan.parcels] == ["B"]


def test_a_split_is_paid_for_by_the_second_parcel() -> None:
    problem = order(location("A", {"mug": 1}), location("B", {"cup": 1}), demand=(line("1", "mug"), line("2", "cup")))

    plan = source(problem, rules({"split_penalty_minor": 250}))

    assert [parcel.cost.split_minor for parcel in plan.parcels] == [0, 250]
    assert plan.total_minor == 2 * 500 + 250


def test_a_split_that_is_cheaper_than_one_parcel_is_found() -> None:
    problem = order(
        location("ALL", {"mug": 1, "cup": 1}, handling_minor=500),
        location("X", {"mug": 1}),
        location("Y", {"cup": 1}),
        demand=(line("1", "mug"), line("2", "cup")),
    )

    plan = source(problem, rules({"split_penalty_minor": 399}, zones={"1": Zone(base_minor=100, transit_days=1)}))

    assert [parcel.location_id for parcel in plan.parcels] == ["X", "Y"]
    assert plan.total_minor == 599


def test_only_units_below_the_threshold_are_penalized() -> None:
    problem = order(location("ATL", {"mug": 5}, low_stock_threshold=3), demand=(line(quantity=4),))

    plan = source(problem, rules({"low_stock_penalty_minor_per_unit": 30}))

    assert plan.parcels[0].cost.low_stock_minor == 2 * 30


def test_the_first_fitting_lane_gives_the_zone() -> None:
    problem = order(location("W", region="west"), location("E", region="east", handling_minor=399))

    plan = source(problem, rules(**NEAR_AND_FAR))

    assert plan.parcels[0].location_id == "E"
    assert [candidate.zone for candidate in plan.candidates] == ["near", "far"]


def test_a_lane_reaches_as_far_as_it_says_from_the_longest_fitting_centroid() -> None:
    atlanta, boston = Point(latitude=33.75, longitude=-84.39), Point(latitude=42.36, longitude=-71.06)
    centroids = [
        Centroid(country="US", postal_prefix="3", point=boston),
        Centroid(country="US", postal_prefix="303", point=atlanta),
    ]
    lanes = [Lane(zone="near", up_to_km=100), Lane(zone="far")]
    problem = order(location("A", point=atlanta), location("B", point=boston), location("C"))

    plan = source(problem, rules(zones=NEAR_AND_FAR["zones"], lanes=lanes, centroids=centroids))

    assert [(c.distance_km, c.zone) for c in plan.candidates] == [(0, "near"), (1506, "far"), (None, "far")]


def test_a_lane_can_be_limited_to_postal_prefixes() -> None:
    lanes = [Lane(zone="near", to_postal_prefixes=("30", "31")), Lane(zone="far")]

    plan = source(order(location("A")), rules(zones=NEAR_AND_FAR["zones"], lanes=lanes))

    assert plan.parcels[0].zone == "near"
