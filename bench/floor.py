"""The floor: workflows of the same shape as an ordinary order or return that do nothing, in a process of their own."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from datetime import timedelta
from time import perf_counter
from typing import Any

import uvloop
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

with workflow.unsafe.imports_passed_through():
    from bench.floor_steps import LOCAL_STEPS, OUTSIDE_STEPS, Nothing, asked, do_nothing, do_nothing_outside, floor_run
    from workflows.names import CONNECTION, ORDER
    from workflows.options import channel, database

QUEUE = "bench-floor"
OUTSIDE = "bench-floor-outside"
RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "bench", "workflows", "activities", "connectors", "domain"
    )
)
SHIPS_AFTER_S = 0.3
"""As long as the simulated 3PL takes from being asked: the run is idle when the news comes."""
COUNTER_S = 0.04
"""Between what happens at the counter: announced, received, inspected."""


class Idle:
    """Steps that do nothing, with the options of those that do something."""

    @workflow.init
    def __init__(self, given: Nothing) -> None:
        self.given = given
        self.told = 0

    @workflow.signal
    def tell(self, given: Nothing) -> None:  # noqa: ARG002 a signal carries an input
        self.told += 1

    async def _local(self) -> None:
        await workflow.execute_local_activity(do_nothing, self.given, **database("route and reserve"))

    async def _outside(self) -> None:
        options = channel(f"send F1 to {self.given.connection_id}", self.given.connection_id)
        await workflow.execute_activity(do_nothing_outside, self.given, **(options | {"task_queue": OUTSIDE}))


@workflow.defn
class Floor(Idle):
    """As an ordinary order: local, outside, wait for a signal beside a timer, local, outside; with its options."""

    @workflow.run
    async def run(self, given: Nothing) -> Nothing:
        await self._local()
        await self._outside()
        await workflow.wait_condition(lambda: self.told > 0, timeout=timedelta(days=1), timeout_summary="deadline")
        for _ in range(LOCAL_STEPS - 1):
            await self._local()
        for _ in range(OUTSIDE_STEPS["order"] - 1):
            await self._outside()
        return given


@workflow.defn
class ReturnFloor(Idle):
    """As an ordinary return: local, two outside side by side, news twice meanwhile, local, outside one by one."""

    @workflow.run
    async def run(self, given: Nothing) -> Nothing:
        await self._local()
        await asyncio.gather(self._outside(), self._outside())
        await workflow.wait_condition(lambda: self.told > 1)
        for _ in range(LOCAL_STEPS - 1):
            await self._local()
        for _ in range(OUTSIDE_STEPS["return"] - 2):
            await self._outside()
        return given


async def main(address: str) -> None:
    """Serve until SIGTERM; each line on standard input says of which shape runs are made, how many, and how many a second."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    own = Worker(
        client,
        task_queue=QUEUE,
        workflows=[Floor, ReturnFloor],
        workflow_runner=RUNNER,
        activities=[do_nothing],
        max_cached_workflows=1000,
    )
    outside = Worker(client, task_queue=OUTSIDE, activities=[do_nothing_outside], disable_eager_activity_execution=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with own, outside:
        print("ready", flush=True)
        serving = asyncio.create_task(_serve(client))
        await stop.wait()
        serving.cancel()


async def _serve(client: Client) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    made: Counter[str] = Counter()
    while line := await reader.readline():
        shape, count, per_second = line.split()[0].decode(), int(line.split()[1]), float(line.split()[2])
        started = perf_counter()
        runs = []
        for place in range(count):
            await asyncio.sleep(max(0.0, started + place / per_second - perf_counter()))
            runs.append(asyncio.create_task(_RUNS[shape](client, made[shape] + place)))
        await asyncio.gather(*runs)
        made[shape] += count
        print("done", flush=True)


async def _order(client: Client, number: int) -> None:
    name = floor_run("order", number)
    handle = await _start(client, Floor.run, name)
    await asked[name].wait()
    await asyncio.sleep(SHIPS_AFTER_S)
    await handle.signal(Floor.tell, Nothing())
    await handle.result()


async def _return(client: Client, number: int) -> None:
    handle = await _start(client, ReturnFloor.run, floor_run("return", number))
    for _ in range(2):
        await asyncio.sleep(COUNTER_S)
        await handle.signal(ReturnFloor.tell, Nothing())
    await handle.result()


_RUNS = {"order": _order, "return": _return}


async def _start(client: Client, run: Any, name: str) -> Any:
    given = Nothing()
    return await client.start_workflow(
        run,
        given,
        id=name,
        task_queue=QUEUE,
        static_summary=f"Order {name} from {given.connection_id}",
        search_attributes=TypedSearchAttributes(
            [SearchAttributePair(CONNECTION, given.connection_id), SearchAttributePair(ORDER, name)]
        ),
    )


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
