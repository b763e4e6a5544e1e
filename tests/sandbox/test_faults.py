"""Fault plans strike the same calls for the same seed, and nothing outside their pattern."""

from sandbox.faults import Fault, FaultKind, FaultPlan, Faults


def struck(seed: int, calls: int = 200, **rule: object) -> list[int]:
    faults = Faults()
    faults.apply(FaultPlan(seed=seed, faults=(Fault.model_validate({"kind": "delay", **rule}),)))
    return [call for call in range(calls) if faults.strike("shopify", "orderCancel", FaultKind.DELAY)]


def test_the_same_seed_strikes_the_same_calls() -> None:
    assert struck(7, probability=0.3) == struck(7, probability=0.3)


def test_another_seed_strikes_other_calls() -> None:
    assert struck(7, probability=0.3) != struck(8, probability=0.3)


def test_a_chance_strikes_about_as_often_as_it_says() -> None:
    assert 0.2 < len(struck(1, calls=1000, probability=0.3)) / 1000 < 0.4


def test_named_calls_are_struck_and_no_others() -> None:
    assert struck(1, nth=[2, 5]) == [1, 4]


def test_a_rule_stops_after_its_last_time() -> None:
    assert len(struck(1, probability=1, at_most=3)) == 3


def test_other_operations_and_platforms_are_left_alone() -> None:
    assert struck(1, probability=1, operation="refund*") == []
    assert struck(1, probability=1, platform="shipbob") == []
