"""The failure matrix: every channel of a launch × every step × refuse, lose the answer, die. All live, or all as before."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from db import launches
from runtime.settings import Settings
from tests.workflows.launch_channels import ALL, FaultyHub, open_others, state_of
from tests.workflows.launch_stack import LaunchStack, launch_stack, soon
from tests.workflows.launch_table import MATRIX, write_table

STEPS = {
    "look": dict.fromkeys(ALL, "read_listings"),
    "stage": dict.fromkeys(ALL, "stage_listings") | {"amazon": "check_listings"},
    "publish": dict.fromkeys(ALL, "publish_listings") | {"amazon": "write_listings"},
    "see": dict.fromkeys(ALL, "public_listings"),
    "restore": dict.fromkeys(ALL, "remove_listings"),
}
FAULTS = ("refuse", "lose the answer", "die")
CELLS = [(channel, step, fault) for channel in ALL for step in STEPS for fault in FAULTS]
AT_ONCE = 6
BEFORE, LIVE = dict.fromkeys(ALL, "absent"), dict.fromkeys(ALL, "public")


def name_of(cell: tuple[str, str, str]) -> str:
    return "-".join(cell).replace(" ", "-")


def plan() -> dict[tuple[str, str, str], str]:
    faults = {(channel, STEPS[step][channel], name_of((channel, step, fault))): fault for channel, step, fault in CELLS}
    # to have something to restore, another channel refuses at the moment
    other = {channel: "beta" if channel == "alpha" else "alpha" for channel in ALL}
    for channel, step, fault in CELLS:
        if step == "restore":
            faults[other[channel], "publish_listings", name_of((channel, step, fault))] = "refuse"
    return faults


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[LaunchStack]:
    FaultyHub.plan, FaultyHub.struck = plan(), set()
    async with launch_stack(env.client, settings, kind=FaultyHub) as running:
        await open_others(running)
        yield running


async def played(stack: LaunchStack, cell: tuple[str, str, str], turn: asyncio.Semaphore) -> dict[str, object]:
    async with turn:
        product = await stack.product(name_of(cell))
        launch = await stack.launch([product], ALL, go_live_at=soon(3600))
        await stack.until(lambda: is_waiting(stack, launch))
        if any(row.blocked for row in await stack.listings(launch)):
            await stack.command(launches.cancel, launch)
        else:
            await stack.move(launch, 4)
        outcome = await stack.outcome(launch)
        return {"cell": cell, "outcome": outcome, "shown": await state_of(stack, product)}


async def is_waiting(stack: LaunchStack, launch: str) -> bool:
    """Everything is staged, or somebody must mend something."""
    rows = await stack.listings(launch)
    return all(row.state == "staged" or row.blocked for row in rows)


@pytest.mark.timeout(300)
async def test_whatever_fails_all_channels_are_live_or_all_are_as_before(stack: LaunchStack) -> None:
    turn = asyncio.Semaphore(AT_ONCE)

    played_cells = await asyncio.gather(*(played(stack, cell, turn) for cell in CELLS))

    MATRIX.parent.mkdir(exist_ok=True)
    MATRIX.write_text(json.dumps(played_cells, indent=1))
    write_table()
    broken = [one for one in played_cells if one["shown"] != (LIVE if one["outcome"] == "live" else BEFORE)]
    assert broken == []
    assert len(FaultyHub.struck) >= len(CELLS)
