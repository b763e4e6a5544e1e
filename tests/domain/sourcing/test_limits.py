"""The hard limits: which locations may not serve an order, with the verdict that each of them gets."""

from datetime import date
from typing import Any

import pytest

from domain.sourcing import Lane, Point, RoutingPlan, ShortfallReason, Verdict, Zone, source
from tests.domain.sourcing.make import line, location, order, rules

ATLANTA = Point(latitude=33.75, longitude=-84.39)
BOSTON = Point(latitude=42.36, longitude=-71.06)


def verdicts(plan: RoutingPlan) -> dict[str, Verdict]:
    return {candidate.location_id: candidate.verdict for candidate in plan.candidates}


@pytest.mark.parametrize(
    ("facts", "rule", "verdict"),
    [
        ({"enabled": False}, {}, Verdict.DISABLED),
        ({}, {"excluded_location_ids": ["BAD"]}, Verdict.EXCLUDED_BY_RULE),
        ({"kind": "store"}, {"kinds": ["warehouse", "3pl"]}, Verdict.KIND),
        ({"region": "west"}, {"regions": ["east"]}, Verdict.REGION),
        ({"point": BOSTON}, {"max_distance_km": 1000}, Verdict.DISTANCE),
        ({"point": None}, {"max_distance_km": 1000}, Verdict.DISTANCE_UNKNOWN),
        ({"stock": {"mug": 0, "cup": 5}}, {}, Verdict.NO_STOCK),
        ({"capacity_per_day": 0}, {}, Verdict.CAPACITY),
        ({"working_days": []}, {}, Verdict.CAPACITY),
    ],
)
def test_a_location_beyond_a_limit_is_left_out_with_its_reason(
    facts: dict[str, Any], rule: dict[str, Any], verdict: Verdict
) -> None:
    good = location("GOOD", region="east", point=ATLANTA)
    problem = order(
        location("BAD", **{"region": "east", "point": ATLANTA, **facts}),
        good,
        destination={"country": "US", "point": ATLANTA},
    )

    plan = source(problem, rules(rule))

    assert verdicts(plan) == {"BAD": verdict, "GOOD": Verdict.CHOSEN}


def test_a_location_that_rejected_the_order_is_left_out_with_its_reason() -> None:
    problem = order(location("BAD"), location("GOOD"), excluded_locations={"BAD": "rejected: damaged"})

    plan = source(problem, rules())

    assert plan.candidates[0].verdict is Verdict.EXCLUDED_FOR_ORDER
    assert plan.candidates[0].detail == "rejected: damaged"


def test_a_location_without_a_lane_to_the_destination_is_left_out() -> None:
    problem = order(location("BAD", country="DE"), location("GOOD"))

    plan = source(problem, rules(lanes=[Lane(zone="1", from_country="US", to_country="US")]))

    assert verdicts(plan) == {"BAD": Verdict.NO_LANE, "GOOD": Verdict.CHOSEN}


def test_hazmat_leaves_only_from_where_it_is_accepted() -> None:
    problem = order(
        location("BAD", {"acid": 5}, accepts_hazmat=False),
        location("GOOD", {"acid": 5}, handling_minor=900),
        demand=(line("1", "acid", hazmat=True),),
    )

    plan = source(problem, rules())

    assert verdicts(plan) == {"BAD": Verdict.HAZMAT, "GOOD": Verdict.CHOSEN}


def test_a_pickup_is_pinned_to_its_store_and_pays_no_carrier() -> None:
    far = rules({"kinds": ["warehouse"]}, zones={"1": Zone(base_minor=500, transit_days=1)})
    problem = order(location("STORE", kind="store", offers_pickup=True), location("ATL"), pickup_location_id="STORE")

    plan = source(problem, far)

    assert verdicts(plan) == {"ATL": Verdict.NOT_PICKUP_LOCATION, "STORE": Verdict.CHOSEN}
    assert plan.total_minor == 0
    assert plan.parcels[0].deliver_on == plan.parcels[0].ship_on == date(2026, 11, 2)


def test_a_store_that_offers_no_pickup_hands_nothing_over() -> None:
    plan = source(order(location("STORE", kind="store"), pickup_location_id="STORE"), rules())

    assert plan.is_backorder
    assert plan.candidates[0].verdict is Verdict.NO_PICKUP


def test_more_parcels_than_allowed_are_never_sent() -> None:
    places = [location(f"L{number}", {f"item-{number}": 5}) for number in range(4)]
    problem = order(*places, demand=tuple(line(f"{number}", f"item-{number}") for number in range(4)))

    plan = source(problem, rules({"max_parcels": 3}))

    assert len(plan.parcels) == 3
    assert [shortfall.reason for shortfall in plan.shortfalls] == [ShortfallReason.PARCEL_LIMIT]


def test_without_splitting_one_location_sends_what_it_can() -> None:
    problem = order(
        location("FEW", {"mug": 1}),
        location("MORE", {"cup": 1, "pot": 1}, handling_minor=700),
        demand=(line("1", "mug"), line("2", "cup"), line("3", "pot")),
    )

    plan = source(problem, rules({"split_allowed": False}))

    assert [parcel.location_id for parcel in plan.parcels] == ["MORE"]
    assert verdicts(plan)["FEW"] is Verdict.COVERS_LESS
    assert [(shortfall.line_id, shortfall.quantity) for shortfall in plan.shortfalls] == [("1", 1)]


@pytest.mark.parametrize("where", ["order", "rule", "no partial"])
def test_an_order_that_ships_complete_is_held_back_whole(where: str) -> None:
    problem = order(
        location("ATL", {"mug": 1}),
        demand=(line("1", "mug"), line("2", "cup", quantity=2)),
        ship_complete=where == "order",
    )

    plan = source(problem, rules({"ship_complete": where == "rule", "partial_allowed": where != "no partial"}))

    assert plan.parcels == ()
    assert [(shortfall.line_id, shortfall.reason) for shortfall in plan.shortfalls] == [
        ("1", ShortfallReason.HELD_BACK),
        ("2", ShortfallReason.NO_STOCK),
    ]
    assert plan.is_backorder


def test_what_may_not_wait_is_no_backorder() -> None:
    plan = source(order(location("ATL", {})), rules({"backorder_allowed": False}))

    assert not plan.is_backorder
    assert not plan.shortfalls[0].backordered
