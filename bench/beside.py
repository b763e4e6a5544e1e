"""Rounds of a process and of its floor in turn, on the same server: CPU of both, and the steps that both take."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from contextlib import asynccontextmanager
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from temporalio.api.enums.v1 import EventType

from bench.floor_steps import floor_run
from bench.processes import Usage, used
from bench.stage import PROJECT
from runtime.temporal import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from temporalio.client import Client

    from bench.floor_steps import Shape
    from runtime.supervisor import Stack

T = TypeVar("T")
ROUNDS, ROUND = 3, 60
PACE = 12
"""Of orders or returns, and of floor runs, a second: whatever costs by the second and not by the run weighs alike on both."""
BURST = 180
"""Floor runs that are wanted at once."""
TAIL_S = 1.5
"""What follows an order (its echo from the shop) is its cost too."""
PARTS = ("temporal", "worker", "api")


async def beside_floor(
    stack: Stack,
    shape: Shape,
    prepare: Callable[[], Awaitable[T]],
    run: Callable[[T], Awaitable[list[str]]],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """`prepare` is not measured; `run` makes so many as ROUND says and answers the ids of their runs."""
    pairs = []
    async with _floor_process(stack.settings.temporal_port) as floor:
        await floor.run(shape, ROUND, PACE)
        for number in range(ROUNDS):
            prepared = await prepare()
            async with used({name: stack.pid(name) for name in PARTS}) as ours:
                runs = await run(prepared)
                await asyncio.sleep(TAIL_S)
            async with used({"temporal": stack.pid("temporal"), "floor": floor.pid}) as by_floor:
                await floor.run(shape, ROUND, PACE)
                await asyncio.sleep(TAIL_S)
            pairs.append((ours, by_floor))
            say(f"round {number + 1}: {ours.total_cpu_ms / ROUND:.0f} ms for each {shape}, "
                f"{by_floor.total_cpu_ms / ROUND:.0f} ms for a floor run of its shape")  # fmt: skip
        rate = await _rate(floor, shape)
    return _figures(shape, pairs) | rate | await _steps(await connect(stack.settings), shape, runs)


def _figures(shape: Shape, pairs: list[tuple[Usage, Usage]]) -> dict[str, Any]:
    floor = _floor_of(shape)
    return {
        f"cpu_ms_per_{shape}": median(ours.total_cpu_ms / ROUND for ours, _ in pairs),
        **{f"cpu_ms_per_{shape}_{part}": median(ours.cpu_ms[part] / ROUND for ours, _ in pairs) for part in PARTS},
        f"cpu_ms_per_{floor}": median(each.total_cpu_ms / ROUND for _, each in pairs),
        f"cpu_ms_per_{floor}_temporal": median(each.cpu_ms["temporal"] / ROUND for _, each in pairs),
        f"{shape}_to_floor_cpu_ratio": median(ours.total_cpu_ms / each.total_cpu_ms for ours, each in pairs),
        f"rss_bytes_{floor}": max(each.rss_bytes["floor"] for _, each in pairs),
    }


async def _rate(floor: _FloorProcess, shape: Shape) -> dict[str, float]:
    """The engine's own rate: a burst of floor runs, from the first start to the last end."""
    started = perf_counter()
    await floor.run(shape, BURST, 200)
    return {f"{_floor_of(shape)}s_per_second": BURST / (perf_counter() - started)}


def _floor_of(shape: Shape) -> str:
    return "floor_run" if shape == "order" else f"{shape}_floor_run"


_STEPS = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: "workflow_tasks",
    EventType.EVENT_TYPE_MARKER_RECORDED: "local_activities",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activities",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signals",
    EventType.EVENT_TYPE_TIMER_STARTED: "timers",
}


async def _steps(client: Client, shape: Shape, runs: list[str]) -> dict[str, float]:
    """What ordinary runs and floor runs cost the engine, read from the histories of the last round of each."""
    floors = [floor_run(shape, number) for number in range(ROUND * ROUNDS, ROUND * (ROUNDS + 1))]
    return await _counted(client, runs, shape) | await _counted(client, floors, _floor_of(shape))


async def _counted(client: Client, runs: Iterable[str], what: str) -> dict[str, float]:
    counted: Counter[str] = Counter()
    names = list(runs)
    for run in names:
        async for event in client.get_workflow_handle(run).fetch_history_events():
            counted["history_events"] += 1
            if name := _STEPS.get(event.event_type):
                counted[name] += 1
    return {f"{name}_per_{what}": times / len(names) for name, times in counted.items()}


class _FloorProcess:
    """The floor's worker and client, in one process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def run(self, shape: Shape, count: int, per_second: float) -> None:
        """Make so many runs, and wait for their ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{shape} {count} {per_second}\n".encode())
        await self._process.stdin.drain()
        await self._process.stdout.readline()


@asynccontextmanager
async def _floor_process(temporal_port: int) -> AsyncIterator[_FloorProcess]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.floor", f"127.0.0.1:{temporal_port}", cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield _FloorProcess(process)
    finally:
        process.kill()
        await process.wait()
