"""Return policies, eligibility, worth and refund plans by rules alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.returns.effective import effective
from domain.returns.eligibility import ReturnableLine, WantedLine, judge
from domain.returns.lint import lint
from domain.returns.policy import PolicyRule, PolicyValues, ReturnPolicy, Subject, Terms
from domain.returns.refund_plan import Taken, split
from domain.returns.worth import converted, line_shares, worth_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WHOLE = PolicyValues.model_validate(Terms().model_dump())


def policy(*rules: PolicyRule) -> ReturnPolicy:
    return ReturnPolicy(version="1", rules=(PolicyRule(name="base", values=WHOLE), *rules))


def rule(name: str, *, is_minimum: bool = False, market="", channel="", category="", sku="", **values) -> PolicyRule:
    scope = {"market": market, "channel": channel, "category": category, "sku": sku}
    return PolicyRule(name=name, values=PolicyValues(**values), is_minimum=is_minimum, **scope)


def test_the_narrowest_rule_decides_and_the_others_are_told():
    rules = policy(rule("eu", market="eu", window_days=40), rule("shoes", category="shoes", window_days=60))
    found = effective(rules, Subject(market="eu", channel="web", category="shoes", sku="S1"))

    assert found.terms.window_days == 60
    assert (found.why["window_days"].rule, found.why["window_days"].instead_of) == ("shoes", ("base", "eu"))


def test_a_marketplace_minimum_raises_what_is_less_and_leaves_what_is_more():
    rules = policy(
        rule("sale", sku="S1", final_sale=True, window_days=60),
        rule("market place", channel="mp", is_minimum=True, window_days=45, final_sale=False),
    )
    found = effective(rules, Subject(channel="mp", sku="S1"))

    assert (found.terms.window_days, found.terms.final_sale) == (60, False)
    assert found.why["final_sale"].rule == "market place"


def test_lint_is_quiet_about_a_sound_policy():
    assert lint(policy(rule("eu", market="eu", window_days=40))) == ()


@pytest.mark.parametrize(
    ("rules", "kind", "words", "example"),
    [
        ((rule("a", market="eu", window_days=1), rule("b", market="eu", window_days=2)), "contradiction", "differ on window_days", {"market": "eu"}),
        ((rule("a", category="x", window_days=1), rule("b", category="x", window_days=1)), "unreachable", "never decides", {"category": "x"}),
        ((rule("s", sku="S1", final_sale=True, instant_refund="approval"),), "contradiction", "cannot be refunded instantly", {"sku": "S1"}),
        ((rule("c", category="x", accepted_grades=frozenset()),), "contradiction", "no grade is accepted", {"category": "x"}),
        ((rule("m", channel="mp", is_minimum=True, window_days=14),), "unreachable", "never decides window_days", {"channel": "mp"}),
    ],
)  # fmt: skip
def test_lint_finds_it_and_shows_an_example(rules, kind, words, example):
    found = next(each for each in lint(policy(*rules)) if each.kind == kind)

    assert words in found.text
    assert example.items() <= found.example.model_dump().items()


def test_lint_finds_values_that_no_global_rule_gives():
    found = lint(ReturnPolicy(version="1", rules=(rule("base", window_days=10),)))

    assert (found[0].kind, "exchange" in found[0].text, "window_days" in found[0].text) == ("gap", True, False)


def line(**more) -> ReturnableLine:
    known = {"line_id": "L1", "sku": "S1", "shipped": 3, "delivered_at": NOW}
    return ReturnableLine.model_validate(known | {"effective": effective(policy(), Subject())} | more)


@pytest.mark.parametrize(
    ("about", "units", "days", "eligible", "code"),
    [
        (line(), 3, 0, 3, None),
        (line(), 4, 0, 3, "not_shipped"),
        (line(authorized=2), 2, 0, 1, "already_returned"),
        (line(shipped=0, delivered_at=None), 1, 0, 0, "not_shipped"),
        (line(), 1, 31, 0, "window_closed"),
        (line(), 1, 30, 1, None),
        (line(effective=effective(policy(rule("s", sku="S1", final_sale=True)), Subject(sku="S1"))), 1, 0, 0, "final_sale"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_reason(about, units, days, eligible, code):
    wanted = [WantedLine(line_id="L1", quantity=units)]
    verdict = judge([about], wanted, NOW + timedelta(days=days), "UTC")[0]

    assert (verdict.eligible, [refusal.code for refusal in verdict.refusals]) == (eligible, [code] if code else [])


def test_a_line_named_twice_is_one_wish():
    verdicts = judge([line()], [WantedLine(line_id="L1", quantity=2)] * 2, NOW, "UTC")

    assert [(v.wanted, v.eligible) for v in verdicts] == [(4, 3)]


@given(st.integers(0, 10**9), st.integers(1, 60), st.data())
def test_the_units_of_a_line_are_worth_all_of_it_in_whatever_steps(share, ordered, data):
    left, before, total = ordered, 0, 0
    while left:
        units = data.draw(st.integers(1, left))
        total += worth_of(share, ordered, before, units)
        before, left = before + units, left - units

    assert total == share


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=8), st.integers(0, 10**5), st.integers(0, 10**5), st.integers(0, 10**5))  # fmt: skip
def test_every_sum_of_an_order_falls_on_its_lines_to_the_cent(lines, discounts, tax, shipping):
    goods, shares = [g for g, _ in lines], [s for _, s in lines]
    found, of_shipping = line_shares(goods, shares, discounts_minor=discounts, tax_minor=tax, shipping_minor=shipping)

    assert sum(each.discount_minor for each in found) == discounts
    assert sum(each.tax_minor for each in found) + of_shipping == tax
    assert all(each.goods_minor - each.discount_minor + each.other_minor == each.share_minor for each in found)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=10), st.integers(1, 10**9))
def test_parts_in_the_other_currency_add_up_to_the_other_total(parts, other):
    total, before, given_back = sum(parts), 0, 0
    for part in parts:
        given_back += converted(before, part, total, other)
        before += part

    assert given_back == other


def taken(tender: str, captured: int, back: int = 0) -> Taken:
    return Taken(tender=tender, external_id=tender, currency="EUR", captured_minor=captured, given_back_minor=back)


def test_money_goes_back_to_the_card_before_gift_card_credit_and_pay_later():
    tenders = [taken("klarna", 100), taken("house account", 100), taken("gift_card", 100), taken("visa", 100, 40)]
    parts, uncovered = split(500, tenders, {"house account": "store_credit"})

    assert [(part.tender, part.amount_minor) for part in parts] == [
        ("visa", 60), ("gift_card", 100), ("house account", 100), ("klarna", 100),
    ]  # fmt: skip
    assert uncovered == 140
