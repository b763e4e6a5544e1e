"""Returns on a bad day in small: the provider commits and drops replies, worker and Temporal are killed."""

import pytest

from bench.drill.returns import returns_day

pytestmark = [pytest.mark.drill, pytest.mark.server, pytest.mark.timeout(280)]


async def test_each_return_is_refunded_exactly_once_by_the_provider_s_own_count(settings):
    metrics, checks = await returns_day(settings, 40, print)

    assert {name: detail for name, (ok, detail) in checks.items() if not ok} == {}
    assert (metrics["returns_kills_worker"], metrics["returns_kills_temporal"]) == (2, 1)
    assert metrics["returns_faults_injected"] > 0
