"""A real worker process is killed at each step of a launch: all channels are live, or all are as before."""

import json

import pytest

from bench.demo_launch import CHANNELS
from bench.stage import scene
from runtime.settings import Settings
from tests.drills.launch_kills import STEPS, play, prepare
from tests.workflows.launch_table import KILLS, write_table

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
LIVE, BEFORE = dict.fromkeys(CHANNELS, True), dict.fromkeys(CHANNELS, False)


async def test_a_killed_worker_leaves_all_channels_live_or_all_as_before(settings: Settings) -> None:
    async with scene(settings) as here:
        products = await prepare(here)
        played = [await play(here, step, products[step]) for step in STEPS]

    KILLS.parent.mkdir(exist_ok=True)
    KILLS.write_text(json.dumps(played, indent=1))
    write_table()
    broken = [one for one in played if one["shown"] != (LIVE if one["outcome"] == "live" else BEFORE)]

    assert broken == []
    assert {one["cell"][1]: one["outcome"] for one in played}["restore"] == "restored"
