"""No cent is lost, whatever the currency's exponent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.money import money, shares
from domain.shares import value_of_units

AMOUNTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=20)


@given(AMOUNTS, WEIGHTS)
def test_shares_add_up_to_the_total(total: int, weights: list[int]) -> None:
    assert sum(shares(total, weights)) == total


@given(st.integers(0, 10**12), WEIGHTS.filter(any))
def test_no_share_is_a_unit_away_from_its_due(total: int, weights: list[int]) -> None:
    whole = sum(weights)

    assert all(
        abs(part * whole - total * weight) <= whole
        for part, weight in zip(shares(total, weights), weights, strict=True)
    )


@given(st.integers(0, 10**9), st.integers(1, 100))
def test_all_units_of_a_line_are_worth_its_share(share: int, ordered: int) -> None:
    worth = [value_of_units(share, ordered, units) for units in range(ordered + 1)]

    assert worth == sorted(worth)
    assert worth[-1] == share


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1235), ("EUR", 123450), ("KWD", 1234500)])
def test_reads_an_amount_by_the_currency_s_own_exponent(currency: str, minor: int) -> None:
    assert money("1234.50" if currency != "JPY" else "1235", currency).amount_minor == minor


def test_refuses_a_currency_that_does_not_exist() -> None:
    with pytest.raises(DomainError) as refusal:
        money("1.00", "XQX")

    assert refusal.value.code == "unknown_currency"
