"""Records the histories of launches, on a real server: `python -m tests.replay.record_launches`."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from cli.finish import finish
from db import launches
from runtime.embedded import temporal_program
from runtime.settings import Settings
from tests.replay.record import keep
from tests.workflows.launch_stack import LaunchStack, launch_stack, soon
from workflows.names import SEARCH_ATTRIBUTES

Scenario = Callable[[LaunchStack], Awaitable[str]]


async def live(stack: LaunchStack) -> str:
    launch = await stack.launch([await stack.product(), await stack.product()], approvals=1, go_live_at=soon(3))
    await stack.until_state(launch, "staged")
    await stack.approve(launch)
    await stack.outcome(launch)
    return launch


async def restored(stack: LaunchStack) -> str:
    launch = await stack.launch([await stack.product()], go_live_at=soon(2))
    await stack.until_state(launch, "staged")
    await stack.faults({"kind": "refuse", "operation": "publicationUpdate", "nth": [1]})
    await stack.outcome(launch)
    return launch


async def canceled(stack: LaunchStack) -> str:
    launch = await stack.launch([await stack.product()], go_live_at=soon(3600))
    await stack.until_state(launch, "staged")
    await stack.command(launches.cancel, launch)
    await stack.outcome(launch)
    return launch


async def paused_and_moved(stack: LaunchStack) -> str:
    launch = await stack.launch([await stack.product()], go_live_at=soon(3600))
    await stack.until_state(launch, "staged")
    await stack.command(launches.pause, launch)
    await stack.command(launches.move, launch, soon(2))
    await stack.command(launches.resume, launch)
    await stack.outcome(launch)
    return launch


async def channel_dropped(stack: LaunchStack) -> str:
    launch = await stack.launch([await stack.product()], go_live_at=soon(3600))
    await stack.until_state(launch, "staged")
    await stack.command(launches.drop_channel, launch, "beta")
    await stack.command(launches.move, launch, soon(1))
    await stack.outcome(launch)
    return launch


async def stopped(stack: LaunchStack) -> str:
    launch = await stack.launch([await stack.product()], go_live_at=soon(3600))
    await stack.until_state(launch, "staged")
    await stack.run(launch).cancel()
    await stack.outcome(launch)
    return launch


LAUNCHES: dict[str, Scenario] = {
    "live": live,
    "restored": restored,
    "canceled": canceled,
    "paused-and-moved": paused_and_moved,
    "channel-dropped": channel_dropped,
    "stopped": stopped,
}


async def main() -> None:
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()),
        dev_server_log_level="error",
        data_converter=pydantic_data_converter,
        search_attributes=SEARCH_ATTRIBUTES,
    )
    try:
        for name, play in LAUNCHES.items():
            with tempfile.TemporaryDirectory() as folder:
                async with launch_stack(environment.client, Settings(var=Path(folder))) as stack:
                    run = stack.run(await play(stack))
                    while (await run.describe()).close_time is None:  # noqa: ASYNC110 its result may be a failure
                        await asyncio.sleep(0.05)
                    keep("product_launch", name, (await run.fetch_history()).to_json())
    finally:
        await environment.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
    finish(0)
