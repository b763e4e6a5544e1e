"""A real worker process is killed at each step of a launch on each channel: all are live, or all are as before."""

import json

import pytest

from bench.demo_launch import CHANNELS
from bench.stage import scene
from runtime.settings import Settings
from tests.drills.launch_kills import CELLS, Cell, play, prepare
from tests.workflows.launch_table import KILLS, write_table

LIVE, BEFORE = dict.fromkeys(CHANNELS, True), dict.fromkeys(CHANNELS, False)
QUICK: Cell = ("woo-outlet", "publish")
"""The one that is played with every run of the suite: the others are minutes."""


@pytest.mark.drill
async def test_a_worker_killed_at_the_moment_itself_leaves_all_channels_live(settings: Settings) -> None:
    async with scene(settings) as here:
        (product,) = await prepare(here, 1)
        played = await play(here, QUICK, product)

    _keep([played])

    assert (played["outcome"], played["shown"]) == ("live", LIVE)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_a_killed_worker_leaves_all_channels_live_or_all_as_before(settings: Settings) -> None:
    async with scene(settings) as here:
        products = await prepare(here, len(CELLS))
        played = [await play(here, cell, product) for cell, product in zip(CELLS, products, strict=True)]

    _keep(played)
    broken = [one for one in played if one["shown"] != (LIVE if one["outcome"] == "live" else BEFORE)]

    assert broken == []
    assert {one["outcome"] for one in played if one["cell"][1] == "restore"} == {"restored"}


def _keep(played: list[dict[str, object]]) -> None:
    """For the table of the test report; what another run has played stays."""
    KILLS.parent.mkdir(exist_ok=True)
    known = json.loads(KILLS.read_text()) if KILLS.exists() else []
    cells = {tuple(one["cell"]): one for one in [*known, *played]}
    KILLS.write_text(json.dumps(list(cells.values()), indent=1))
    write_table()
