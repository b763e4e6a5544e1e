"""Which rule an order falls under, and which mistakes in rules are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.sourcing import Filters, ShortfallReason, SourcingRules, lint, source
from tests.domain.sourcing.make import line, location, order, rules

ORDER: dict[str, Any] = {"channel": "web", "tags": {"vip", "gift"}, "value_minor": 5000}


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"channels": ["web", "pos"]},
        {"tags_any": ["vip", "b2b"]},
        {"tags_all": ["vip", "gift"]},
        {"countries": ["US"]},
        {"currency": "USD", "min_value_minor": 5000, "max_value_minor": 5000},
        {"sku_classes": ["fragile"]},
    ],
)
def test_a_rule_applies_when_every_filter_lets_the_order_pass(when: dict[str, Any]) -> None:
    problem = order(location("ATL"), demand=(line("1"), line("2", "cup", sku_class="fragile")), **ORDER)

    assert Filters.model_validate(when).match(problem)


@pytest.mark.parametrize(
    "when",
    [
        {"channels": ["pos"]},
        {"tags_any": ["b2b"]},
        {"tags_all": ["vip", "b2b"]},
        {"countries": ["DE"]},
        {"currency": "EUR", "min_value_minor": 1},
        {"currency": "USD", "min_value_minor": 5001},
        {"currency": "USD", "max_value_minor": 4999},
        {"sku_classes": ["fragile"]},
        {"channels": ["web"], "countries": ["DE"]},
    ],
)
def test_a_rule_is_passed_over_when_one_filter_stops_the_order(when: dict[str, Any]) -> None:
    problem = order(location("ATL"), **ORDER)

    assert not Filters.model_validate(when).match(problem)


def test_the_first_matching_rule_decides() -> None:
    written = rules(
        rules=[
            {"name": "gold", "when": {"tags_any": ["gold"]}},
            {"name": "web", "when": {"channels": ["web"]}},
            {"name": "rest"},
        ]
    )

    plan = source(order(location("ATL")), written)

    assert plan.rule == "web"


def test_an_order_that_no_rule_matches_is_not_covered_and_says_so() -> None:
    plan = source(order(location("ATL")), rules({"when": {"channels": ["pos"]}}))

    assert plan.rule is None
    assert plan.parcels == ()
    assert [shortfall.reason for shortfall in plan.shortfalls] == [ShortfallReason.NO_RULE]


@pytest.mark.parametrize(
    ("mistake", "remedy"),
    [
        ({"currency": "XXL"}, "not an ISO 4217 currency code"),
        ({"lanes": [{"zone": "9"}]}, "define it or use one of 1"),
        ({"rules": [{"name": "a"}, {"name": "a"}]}, "rename one"),
        ({"rules": [{"name": "a", "when": {"min_value_minor": 1}}]}, "add `currency: USD`"),
        ({"rules": [{"name": "a", "max_parcel": 2}]}, "max_parcel"),
        ({"rules": [{"name": "a", "max_parcels": 0}]}, "max_parcels"),
    ],
)
def test_a_mistake_in_the_rules_is_refused_with_its_field_or_remedy(mistake: dict[str, Any], remedy: str) -> None:
    written = rules().model_dump(mode="json") | mistake

    with pytest.raises(ValidationError, match=remedy):
        SourcingRules.model_validate(written)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({}, {"channels": ["web"]}),
        ({"channels": ["web", "pos"]}, {"channels": ["web"], "tags_any": ["vip"]}),
        ({"tags_all": ["vip"]}, {"tags_all": ["vip", "gift"]}),
        ({"currency": "USD", "min_value_minor": 100}, {"currency": "USD", "min_value_minor": 200}),
        ({"currency": "USD", "max_value_minor": 200}, {"currency": "USD", "max_value_minor": 100}),
    ],
)
def test_a_rule_that_an_earlier_one_shadows_is_reported(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    written = rules(rules=[{"name": "wide", "when": earlier}, {"name": "narrow", "when": later}, {"name": "rest"}])

    warnings = lint(written)

    assert any("'narrow' is dead: 'wide' comes first" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"channels": ["web"]}, {}),
        ({"channels": ["web"]}, {"channels": ["web", "pos"]}),
        ({"tags_all": ["vip", "gift"]}, {"tags_all": ["vip"]}),
        ({"currency": "USD", "min_value_minor": 200}, {"currency": "USD", "min_value_minor": 100}),
        ({"currency": "USD", "max_value_minor": 100}, {"currency": "USD"}),
        ({"currency": "USD"}, {"countries": ["US"]}),
    ],
)
def test_a_rule_that_still_gets_orders_is_not_reported(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    written = rules(rules=[{"name": "first", "when": earlier}, {"name": "second", "when": later}])

    assert not any("dead" in warning for warning in lint(written))


def test_rules_that_leave_orders_without_a_rule_are_reported() -> None:
    assert lint(rules({"when": {"channels": ["web"]}})) == [
        "no rule is without filters, so some orders will match none; add a last rule for the rest"
    ]
