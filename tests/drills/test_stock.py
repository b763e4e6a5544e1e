"""Stock numbers on a bad day in small: no channel shows what never was, and every one ends right."""

import pytest

from bench.drill.plan import LOSE_THE_ENGINE, Plan
from bench.drill.stock import stock_day
from bench.drill.stock_controls import STOCK_ARMS

pytestmark = [pytest.mark.long, pytest.mark.server, pytest.mark.timeout(280)]


async def test_every_number_was_the_ledgers_through_kills_and_faults(settings):
    plan = Plan(seconds=20, seed=5, stock_blows=("worker", LOSE_THE_ENGINE))

    metrics, checks = await stock_day(settings, plan, print)

    assert {name: detail for name, (ok, detail) in checks.items() if not ok} == {}
    assert (metrics["stock_kills_worker"], metrics["stock_kills_temporal"]) == (1, 1)
    assert metrics["stock_faults_injected"] > 0
    assert metrics["stock_confirmations_checked"] > 50


@pytest.mark.parametrize("arm", STOCK_ARMS.values(), ids=STOCK_ARMS)
async def test_the_check_sees_what_goes_wrong_without_the_protection(arm, tmp_path):
    assert await arm(tmp_path / "on", True) == 0
    assert await arm(tmp_path / "off", False) > 0
