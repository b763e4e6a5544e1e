"""Seeded random orders that are hard on purpose: scarce stock, heavy items, close prices, few or many parcels allowed."""

import random

from domain.sourcing import DemandLine, Lane, SourcingProblem, SourcingRules, Zone
from tests.domain.sourcing.make import line, location, order, rules


def random_order(
    seed: int, *, most_items: int = 5, most_lines: int = 6, most_locations: int = 9, with_bundles: bool = False
) -> tuple[SourcingProblem, SourcingRules]:
    """Promised for the next day, shipped on a Monday: a parcel is late by its transit days beyond the first."""
    rng = random.Random(seed)
    items = {
        f"item-{number}": rng.choice([0, 150, 400, 999, 1000, 2500]) for number in range(rng.randint(1, most_items))
    }
    demand = tuple(
        line(f"{number}", item := rng.choice(list(items)), rng.randint(1, 4), weight_g=items[item])
        for number in range(rng.randint(1, most_lines))
    )
    demand += _bundles(random.Random(f"bundles {seed}"), items) if with_bundles else ()
    scarcity = rng.choice([0.2, 0.5, 0.8])
    places = tuple(
        location(
            f"loc-{number}",
            {item: rng.randint(1, 6) for item in items if rng.random() < scarcity},
            handling_minor=rng.choice([0, 50, rng.randint(0, 300)]),
            labor_minor_per_unit=rng.choice([0, 0, rng.randint(0, 80)]),
            low_stock_threshold=rng.choice([0, 2, 4]),
        )
        for number in range(rng.randint(1, most_locations))
    )
    weight_step_g = rng.choice([1, 500, 1000])
    zones = {
        place.id: Zone(
            base_minor=rng.choice([0, 100, rng.randint(0, 900)]),
            per_step_minor=rng.choice([0, 1]) if weight_step_g == 1 else rng.choice([0, 100, rng.randint(0, 400)]),
            transit_days=rng.randint(1, 4),
        )
        for place in places
    }
    settings = {
        "max_parcels": rng.randint(1, 5),
        "split_penalty_minor": rng.choice([0, 0, 150, 400]),
        "lateness_penalty_minor_per_day": rng.choice([0, 90]),
        "low_stock_penalty_minor_per_unit": rng.choice([0, 35]),
    }
    lanes = [Lane(zone=place.id, from_location_id=place.id) for place in places]
    problem = order(*places, demand=demand, promised_on="2026-11-03")
    return problem, rules(settings, zones=zones, lanes=lanes, weight_step_g=weight_step_g)


def _bundles(rng: random.Random, items: dict[str, int]) -> tuple[DemandLine, ...]:
    """One or two bundles, whose items other lines may ask for as well."""
    lines: list[DemandLine] = []
    for number in range(rng.randint(1, 2)):
        sets = rng.choice([1, 1, 1, 2, 3])
        for item in rng.sample(list(items), min(len(items), rng.randint(1, 3))):
            each = rng.choice([1, 1, 2])
            lines.append(
                line(f"b{number}|{item}", item, sets * each, weight_g=items[item], bundle=f"b{number}", per_bundle=each)
            )
    return tuple(lines)
