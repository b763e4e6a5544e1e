"""How long a sourcing decision takes, at 10, 200 and 1,000 locations, over one published distribution of orders."""

import json
import random
import time
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from domain.sourcing import (
    DemandLine,
    Destination,
    Lane,
    LocationKind,
    LocationSnapshot,
    Point,
    SourcingProblem,
    SourcingRule,
    SourcingRules,
    Zone,
    source,
)

LINES = {1: 42, 2: 24, 3: 13, 4: 8, 5: 4, 6: 3, 7: 2, 8: 2, 9: 1, 10: 1}  # lines of an order: share in percent
UNITS = {1: 86, 2: 10, 3: 3, 5: 1}  # units of a line: share in percent
KINDS = {LocationKind.WAREHOUSE: 10, LocationKind.THIRD_PARTY: 5, LocationKind.STORE: 85}
ASSORTMENT = {LocationKind.WAREHOUSE: 0.9, LocationKind.THIRD_PARTY: 0.7, LocationKind.STORE: 0.45}
TIMEZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"]
ORDERS = {10: 2000, 200: 2000, 1000: 500}
NOW = datetime(2026, 11, 3, 16, 30, tzinfo=UTC)
KM_BY_ZONE = {"2": 240, "3": 480, "4": 960, "5": 1600, "6": 2250, "7": 2900}


def run(seed: int) -> dict[str, Any]:
    """Times are of `source` alone, with the problem at hand: no database, no JSON."""
    metrics: dict[str, float] = {}
    proven = True
    for count, orders in ORDERS.items():
        times, optimal = _measure(random.Random(f"{seed}/{count}"), count, orders)
        proven = proven and optimal
        suffix = "" if count == 200 else f"_{count}"
        metrics[f"sourcing_p50_ms{suffix}"] = round(median(times), 3)
        metrics[f"sourcing_p99_ms{suffix}"] = round(quantiles(times, n=100)[98], 3)
        metrics[f"sourcing_max_ms{suffix}"] = round(max(times), 3)
        metrics[f"sourcing_unproven_share{suffix}"] = optimal
    metrics["sourcing_growth_10_to_1000"] = round(metrics["sourcing_p50_ms_1000"] / metrics["sourcing_p50_ms_10"], 1)
    return metrics


def _measure(rng: random.Random, count: int, orders: int) -> tuple[list[float], float]:
    rules = _rules()
    places = [_location(rng, number) for number in range(count)]
    times, open_gaps = [], 0
    for number in range(orders):
        problem = _order(rng, number, places)
        began = time.perf_counter()
        plan = source(problem, rules)
        times.append((time.perf_counter() - began) * 1000)
        open_gaps += not plan.is_optimal
    return times, open_gaps / orders


def _rules() -> SourcingRules:
    zones = {
        name: Zone(base_minor=450 + 60 * rank, per_step_minor=40 + 20 * rank, transit_days=1 + rank)
        for rank, name in enumerate([*KM_BY_ZONE, "8"])
    }
    lanes = [Lane(zone=name, from_country="US", to_country="US", up_to_km=km) for name, km in KM_BY_ZONE.items()]
    lanes.append(Lane(zone="8", from_country="US", to_country="US"))
    express = {"name": "vip", "when": {"tags_any": ["vip"]}, "lateness_penalty_minor_per_day": 1000}
    standard = SourcingRule(
        name="standard",
        split_penalty_minor=300,
        lateness_penalty_minor_per_day=150,
        low_stock_penalty_minor_per_unit=40,
    )
    return SourcingRules(
        version="bench",
        currency="USD",
        rules=(SourcingRule.model_validate(express), standard),
        zones=zones,
        lanes=tuple(lanes),
        weight_step_g=500,
    )


def _location(rng: random.Random, number: int) -> LocationSnapshot:
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    is_store = kind is LocationKind.STORE
    return LocationSnapshot(
        id=f"loc-{number:04}",
        kind=kind,
        country="US",
        point=Point(latitude=rng.uniform(28, 47), longitude=rng.uniform(-122, -72)),
        timezone=rng.choice(TIMEZONES),
        capacity_per_day=40 if is_store else None,
        parcels_on={NOW.date(): rng.randint(0, 44)} if is_store else {},
        handling_minor=rng.randint(120, 220) if is_store else rng.randint(60, 120),
        labor_minor_per_unit=rng.randint(20, 60) if is_store else 0,
        low_stock_threshold=2 if is_store else 10,
    )


def _order(rng: random.Random, number: int, places: list[LocationSnapshot]) -> SourcingProblem:
    lines = rng.choices(list(LINES), list(LINES.values()))[0]
    demand = tuple(
        DemandLine(
            line_id=str(line),
            item_id=f"item-{line}",
            quantity=rng.choices(list(UNITS), list(UNITS.values()))[0],
            weight_g=rng.choice([80, 150, 300, 450, 900, 2400]),
        )
        for line in range(lines)
    )
    return SourcingProblem(
        order_id=f"order-{number}",
        channel="web",
        tags=frozenset({"vip"} if rng.random() < 0.1 else set()),
        destination=Destination(
            country="US", point=Point(latitude=rng.uniform(28, 47), longitude=rng.uniform(-122, -72))
        ),
        value_minor=4000 * lines,
        currency="USD",
        demand=demand,
        now=NOW,
        promised_on=NOW.date().replace(day=6),
        locations=tuple(_stocked(rng, place, demand) for place in places),
    )


def _stocked(rng: random.Random, place: LocationSnapshot, demand: tuple[DemandLine, ...]) -> LocationSnapshot:
    is_store = place.kind is LocationKind.STORE
    stock = {
        line.item_id: rng.randint(1, 6) if is_store else rng.randint(5, 400)
        for line in demand
        if rng.random() < ASSORTMENT[place.kind]
    }
    return place.model_copy(update={"stock": stock})


if __name__ == "__main__":
    print(json.dumps(run(seed=1), indent=2))
