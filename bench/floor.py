"""The floor: a workflow of the same shape as an ordinary order that does nothing, in a process of its own."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from bench.floor_steps import LOCAL_STEPS, OUTSIDE_STEPS, Nothing, do_nothing, do_nothing_outside

QUEUE = "bench-floor"
OUTSIDE = "bench-floor-outside"
SHIPS_AFTER_S = 0.3
"""As long as the simulated 3PL takes: the run is idle when the news comes."""


@workflow.defn
class Floor:
    """As an ordinary order: local, outside, wait for a signal beside a timer, local, outside."""

    @workflow.init
    def __init__(self, given: Nothing) -> None:
        self.given = given
        self.told = False

    @workflow.run
    async def run(self, given: Nothing) -> Nothing:
        await self._local()
        await self._outside()
        await workflow.wait_condition(lambda: self.told, timeout=timedelta(days=1))
        for _ in range(LOCAL_STEPS - 1):
            await self._local()
        for _ in range(OUTSIDE_STEPS - 1):
            await self._outside()
        return given

    @workflow.signal
    def tell(self, given: Nothing) -> None:  # noqa: ARG002 a signal carries an input
        self.told = True

    async def _local(self) -> None:
        await workflow.execute_local_activity(
            do_nothing, self.given, start_to_close_timeout=timedelta(seconds=30), retry_policy=RetryPolicy()
        )

    async def _outside(self) -> None:
        await workflow.execute_activity(
            do_nothing_outside, self.given, task_queue=OUTSIDE, start_to_close_timeout=timedelta(seconds=60)
        )


async def main(address: str) -> None:
    """Serve until SIGTERM; each line on standard input is a number of runs to make, each line out what they took."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    own = Worker(client, task_queue=QUEUE, workflows=[Floor], activities=[do_nothing], max_cached_workflows=1000)
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
    number = 0
    while line := await reader.readline():
        count, at_once = map(int, line.split())
        slots = asyncio.Semaphore(at_once)
        await asyncio.gather(*(_run(client, f"floor/{number + i}", slots) for i in range(count)))
        number += count
        print("done", flush=True)


async def _run(client: Client, name: str, slots: asyncio.Semaphore) -> None:
    async with slots:
        handle: Any = await client.start_workflow(Floor.run, Nothing(), id=name, task_queue=QUEUE)
        await asyncio.sleep(SHIPS_AFTER_S)
        await handle.signal(Floor.tell, Nothing())
        await handle.result()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
