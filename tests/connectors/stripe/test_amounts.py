"""Stripe's own units: no unit is lost on the way there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RejectedError
from connectors.stripe.amounts import from_stripe, to_stripe
from domain.money import Money


@pytest.mark.parametrize(
    ("minor", "currency", "stripe"),
    [
        (1999, "USD", 1999),
        (500, "JPY", 500),
        (12340, "KWD", 12340),
        (700, "ISK", 70000),  # no decimals in ISO 4217, two at Stripe
        (700, "UGX", 70000),
    ],
)
def test_amounts_are_counted_in_stripes_unit(minor: int, currency: str, stripe: int):
    amount = Money(amount_minor=minor, currency=currency)

    assert to_stripe(amount) == stripe
    assert from_stripe(stripe, currency) == amount


def test_a_thousandth_that_stripe_cannot_express_is_refused():
    with pytest.raises(RejectedError):
        to_stripe(Money(amount_minor=12345, currency="KWD"))


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "JPY", "KWD", "ISK", "HUF", "CLP", "TND", "MGA", "IDR"]))
def test_nothing_is_lost_on_the_way_there_and_back(minor: int, currency: str):
    amount = Money(amount_minor=minor * 10, currency=currency)

    assert from_stripe(to_stripe(amount), currency) == amount
