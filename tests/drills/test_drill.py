"""A bad day in small: orders flow while platforms fail and processes die by SIGKILL."""

import pytest

from bench.drill.day import bad_day
from bench.drill.plan import LOSE_THE_ENGINE, Plan

pytestmark = [pytest.mark.server, pytest.mark.timeout(280)]


def failed(score) -> dict[str, str]:
    return {name: detail for name, (ok, detail) in score.checks.items() if not ok}


@pytest.mark.drill
async def test_a_bad_day_loses_doubles_and_oversells_nothing(settings):
    blows = ("worker", "api", "temporal", LOSE_THE_ENGINE, "worker")
    score = await bad_day(settings, Plan(orders=40, seconds=20, seed=7, blows=blows), print)

    assert failed(score) == {}
    assert score.metrics["orders_in"] == 40
    assert score.metrics["orders_ended"] == 40
    assert [score.metrics[f"kills_{part}"] for part in ("worker", "api", "temporal")] == [2, 1, 2]
    assert score.metrics["faults_injected"] > 0


@pytest.mark.long
async def test_a_bad_day_on_postgres_loses_doubles_and_oversells_nothing(settings, postgres_url):
    on_a_server = settings.model_copy(update={"database_url": postgres_url})
    score = await bad_day(on_a_server, Plan(orders=16, seconds=8, seed=11, blows=("worker", "api", "worker")), print)

    assert failed(score) == {}
    assert score.metrics["orders_in"] == score.metrics["orders_ended"] == 16
    assert not (settings.var / "tutti.db").exists()
