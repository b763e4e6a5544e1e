"""How long a sourcing decision takes, at 10, 200 and 1,000 locations, over one published distribution of orders."""

import gc
import json
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median, quantiles

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
BUNDLED = 0.2  # of the orders with two lines and more: their first two are a bundle's
SCARCE = dict.fromkeys(KINDS, 0.2)  # every location has a fifth of the items: most orders of many lines must be split
NOW = datetime(2026, 11, 3, 16, 30, tzinfo=UTC)
KM_BY_ZONE = {"2": 240, "3": 480, "4": 960, "5": 1600, "6": 2250, "7": 2900}


def run(seed: int) -> dict[str, float]:
    """Times are of `source` alone, with the problem at hand: no database, no JSON.

    Beside the wall time of the 200 locations stands its CPU time, which a busy machine does not blur.
    """
    runs = {f"_{count}": _measure(seed, count, orders, ASSORTMENT) for count, orders in ORDERS.items()}
    runs[""] = runs.pop("_200")
    runs["_scarce"] = _measure(seed, 200, ORDERS[200], SCARCE)
    metrics = {}
    for suffix, timings in runs.items():
        metrics[f"sourcing_p50_ms{suffix}"] = round(median(timings.wall_ms), 3)
        metrics[f"sourcing_p99_ms{suffix}"] = round(quantiles(timings.wall_ms, n=100)[98], 3)
        metrics[f"sourcing_cpu_p99_ms{suffix}"] = round(quantiles(timings.cpu_ms, n=100)[98], 3)
        metrics[f"sourcing_unproven_share{suffix}"] = timings.unproven / len(timings.wall_ms)
    growth = metrics["sourcing_p50_ms_1000"] / metrics["sourcing_p50_ms_10"]
    return {**metrics, "sourcing_growth_10_to_1000": round(growth, 1)}


@dataclass
class _Timings:
    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    unproven: int = 0


def _measure(seed: int, count: int, orders: int, assortment: dict[LocationKind, float]) -> _Timings:
    rng = random.Random(f"{seed}/{count}/{assortment}")
    rules = _rules()
    places = [_location(rng, number) for number in range(count)]
    timings = _Timings()
    gc.collect()
    gc.freeze()  # the imported libraries are no garbage: without this a full collection walks through all of them
    for number in range(orders):
        problem = _order(rng, number, places, assortment)
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        plan = source(problem, rules)
        timings.cpu_ms.append((time.thread_time_ns() - cpu) / 1e6)
        timings.wall_ms.append((time.perf_counter_ns() - wall) / 1e6)
        timings.unproven += not plan.is_optimal
    gc.unfreeze()
    return timings


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


def _order(
    rng: random.Random, number: int, places: list[LocationSnapshot], assortment: dict[LocationKind, float]
) -> SourcingProblem:
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
    if lines > 1 and random.Random(f"bundle {number}").random() < BUNDLED:
        in_set = {"bundle": "1", "quantity": demand[0].quantity}
        demand = (*(line.model_copy(update=in_set) for line in demand[:2]), *demand[2:])
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
        locations=tuple(_stocked(rng, place, demand, assortment[place.kind]) for place in places),
    )


def _stocked(
    rng: random.Random, place: LocationSnapshot, demand: tuple[DemandLine, ...], share: float
) -> LocationSnapshot:
    is_store = place.kind is LocationKind.STORE
    stock = {
        line.item_id: rng.randint(1, 6) if is_store else rng.randint(5, 400) for line in demand if rng.random() < share
    }
    return place.model_copy(update={"stock": stock})


if __name__ == "__main__":
    print(json.dumps(run(seed=1), indent=2))
