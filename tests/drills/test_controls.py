"""Each check of the drill holds with its protection and fails without it."""

import pytest

from bench.drill import controls

pytestmark = [pytest.mark.drill, pytest.mark.server]
ARMS = [controls.duplicates, controls.oversold, controls.lost, controls.without_a_run]


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.__name__)
async def test_nothing_goes_wrong_with_the_protection(arm, tmp_path):
    wrong = await arm(tmp_path / "world", True)

    assert wrong == 0


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.__name__)
async def test_the_check_sees_what_goes_wrong_without_it(arm, tmp_path):
    wrong = await arm(tmp_path / "world", False)

    assert wrong > 0
