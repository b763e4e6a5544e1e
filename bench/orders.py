"""Orders through the whole process: answer times, the engine's rate, latency at 70 % of it, CPU beside the floor."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from contextlib import asynccontextmanager
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING, Any

from temporalio.api.enums.v1 import EventType

from bench import returns
from bench.floor_steps import floor_run
from bench.load import Load
from bench.processes import Usage, used
from bench.stage import PROJECT, Scene, scene
from runtime.temporal import connect
from workflows.names import order_routing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from temporalio.client import Client

    from runtime.installation import Installation
    from runtime.settings import Settings

WARM, BURST, ROUNDS, ROUND = 30, 600, 3, 60
PACE = 12
"""Orders, and floor runs, a second: whatever costs by the second and not by the order weighs alike on both."""
TAIL_S = 1.5
"""What follows an order (its echo from the shop) is its cost too."""
PATIENCE_S = 300
PLENTY = 1_000_000


async def run(settings: Settings, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures of the order process, measured on one stack in one run."""
    async with scene(settings, installation=plenty) as here:
        load = Load(here, os.environ["SHOPIFY_US_SECRET"])
        await _ordinary(load, WARM, 10)
        say("warm")
        figures = await _burst(load, say)
        figures |= await _at_seventy_percent(load, figures["orders_per_second"], say)
        figures |= await _beside_floor(load, say)
        figures |= await returns.run(load, figures["cpu_ms_per_floor_run"], say)
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
    """Rounds of orders and of floor runs in turn, on the same server: the ratio is the median over the pairs."""
    stack, pairs = load.here.stack, []
    async with _floor_process(stack.settings.temporal_port) as floor:
        await floor.run(ROUND, PACE)
        for number in range(ROUNDS):
            orders = await load.prepare(ROUND)
            async with used({name: stack.pid(name) for name in ("temporal", "worker", "api")}) as by_orders:
                await load.send(orders, PACE)
                await load.until_fulfilled(orders, PATIENCE_S)
                await asyncio.sleep(TAIL_S)
            async with used({"temporal": stack.pid("temporal"), "floor": floor.pid}) as by_floor:
                await floor.run(ROUND, PACE)
                await asyncio.sleep(TAIL_S)
            pairs.append((by_orders, by_floor))
            say(f"round {number + 1}: {by_orders.total_cpu_ms / ROUND:.0f} ms an order, "
                f"{by_floor.total_cpu_ms / ROUND:.0f} ms a floor run")  # fmt: skip
        steps = await _steps(load.here, [order.order_id for order in orders])
        return _figures(pairs) | steps | await _floor_rate(floor)


def _figures(pairs: list[tuple[Usage, Usage]]) -> dict[str, Any]:
    middle = {name: median(order.cpu_ms[name] / ROUND for order, _ in pairs) for name in ("temporal", "worker", "api")}
    return {
        "cpu_ms_per_order": median(order.total_cpu_ms / ROUND for order, _ in pairs),
        **{f"cpu_ms_per_order_{name}": value for name, value in middle.items()},
        "cpu_ms_per_floor_run": median(floor.total_cpu_ms / ROUND for _, floor in pairs),
        "cpu_ms_per_floor_run_temporal": median(floor.cpu_ms["temporal"] / ROUND for _, floor in pairs),
        "rss_bytes_floor": max(floor.rss_bytes["floor"] for _, floor in pairs),
        "order_to_floor_cpu_ratio": median(order.total_cpu_ms / floor.total_cpu_ms for order, floor in pairs),
    }


async def _floor_rate(floor: FloorProcess) -> dict[str, float]:
    """The engine's rate on a burst of floor runs, as many as of orders."""
    started = perf_counter()
    await floor.run(BURST, 200)
    return {"floor_runs_per_second": BURST / (perf_counter() - started)}


_STEPS = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: "workflow_tasks",
    EventType.EVENT_TYPE_MARKER_RECORDED: "local_activities",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activities",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signals",
    EventType.EVENT_TYPE_TIMER_STARTED: "timers",
}


class FloorProcess:
    """The floor's worker and client, in one process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def run(self, count: int, per_second: float) -> None:
        """Make so many runs, and wait for their ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count} {per_second}\n".encode())
        await self._process.stdin.drain()
        await self._process.stdout.readline()


@asynccontextmanager
async def _floor_process(temporal_port: int) -> AsyncIterator[FloorProcess]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.floor", f"127.0.0.1:{temporal_port}", cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield FloorProcess(process)
    finally:
        process.kill()
        await process.wait()


async def _steps(here: Scene, orders: list[str]) -> dict[str, float]:
    """What ordinary orders and floor runs cost the engine, read from the histories of the last round of each."""
    client = await connect(here.stack.settings)
    floors = [floor_run(number) for number in range(ROUND * ROUNDS, ROUND * (ROUNDS + 1))]
    by_orders = await _counted(client, [order_routing(order) for order in orders], "order")
    return by_orders | await _counted(client, floors, "floor_run")


async def _counted(client: Client, runs: list[str], what: str) -> dict[str, float]:
    counted: Counter[str] = Counter()
    for run in runs:
        async for event in client.get_workflow_handle(run).fetch_history_events():
            counted["history_events"] += 1
            if name := _STEPS.get(event.event_type):
                counted[name] += 1
    return {f"{name}_per_{what}": times / len(runs) for name, times in counted.items()}
