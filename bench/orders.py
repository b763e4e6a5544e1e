"""Orders through the whole process: answer times, the engine's rate, latency at 70 % of it, CPU beside the floor."""

from __future__ import annotations

import os
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from bench import causes, returns
from bench.beside import PACE, ROUND, beside_floor
from bench.load import Load
from bench.processes import used
from bench.stage import scene
from workflows.names import order_routing

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.load import Prepared
    from runtime.installation import Installation
    from runtime.settings import Settings

WARM, BURST, PATIENCE_S = 30, 600, 300
PLENTY = 1_000_000


async def run(settings: Settings, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures of the order process, measured on one stack in one run."""
    async with scene(settings, installation=plenty) as here:
        load = Load(here, os.environ["SHOPIFY_US_SECRET"])
        await _ordinary(load, WARM, 10)
        say("warm")
        figures = await _burst(load, say)
        figures |= await _at_seventy_percent(load, figures["orders_per_second"], say)
        figures |= await causes.run(load, say)
        figures |= await _beside_floor(load, say)
        figures |= await returns.run(load, say)
        return figures


def plenty(file: Installation) -> Installation:
    """So much stock and capacity that every order is an ordinary one."""
    places = {
        name: place.model_copy(update={"profile": place.profile.model_copy(update={"capacity_per_day": None})})
        for name, place in file.locations.items()
    }
    stock = {place: dict.fromkeys(units, PLENTY) for place, units in file.stock.items()}
    return file.model_copy(update={"locations": places, "stock": stock})


async def _ordinary(load: Load, count: int, per_second: float) -> float:
    orders = await load.prepare(count)
    await load.send(orders, per_second)
    return await load.until_fulfilled(orders, PATIENCE_S)


async def _burst(load: Load, say: Callable[[str], None]) -> dict[str, float]:
    """Webhooks at 200 a second; the backlog that this makes shows the engine's own rate."""
    orders = await load.prepare(BURST)
    pids = {name: load.here.stack.pid(name) for name in ("temporal", "worker", "api", "sandbox")}
    async with used(pids) as usage:
        async with used({"api": pids["api"]}) as answering:
            await load.send(orders, 200)
        seconds = await load.until_fulfilled(orders, PATIENCE_S)
    answers = [order.answered_ms for order in orders]
    say(f"{BURST} webhooks at 200/s; all shipped and shown after {seconds:.1f} s")
    return {
        "webhook_answer_p50_ms": median(answers),
        "webhook_answer_p95_ms": quantiles(answers, n=20)[-1],
        "webhook_answers_not_2xx": sum(not 200 <= order.status < 300 for order in orders),
        "webhook_cpu_ms": answering.cpu_ms["api"] / BURST,
        "webhook_waited_for_processor_ms": answering.waited_ms["api"] / BURST,
        "orders_per_second": BURST / seconds,
        "burst_worker_threads_waiting_for_processor": usage.waited_ms["worker"] / (1000 * seconds),
        **{f"rss_bytes_{name}": size for name, size in usage.rss_bytes.items()},
    }


async def _at_seventy_percent(load: Load, rate: float, say: Callable[[str], None]) -> dict[str, float]:
    orders = await load.prepare(int(rate * 0.7 * 15))
    await load.send(orders, rate * 0.7)
    await load.until_fulfilled(orders, PATIENCE_S)
    routed = await load.routed_after_ms(orders)
    say(f"{len(orders)} orders at 70 % of {rate:.1f}/s")
    return {"webhook_to_routed_p50_ms": median(routed), "webhook_to_routed_p95_ms": quantiles(routed, n=20)[-1]}


async def _beside_floor(load: Load, say: Callable[[str], None]) -> dict[str, Any]:
    async def run(orders: list[Prepared]) -> list[str]:
        await load.send(orders, PACE)
        await load.until_fulfilled(orders, PATIENCE_S)
        return [order_routing(order.order_id) for order in orders]

    return await beside_floor(load.here.stack, "order", lambda: load.prepare(ROUND), run, say)
