"""Stripe counts some currencies in other units than ISO 4217 and this hub do."""

from connectors.errors import RejectedError
from domain.money import Money, exponent

WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
"""Source: https://docs.stripe.com/currencies#zero-decimal and #three-decimal; every other currency has two places."""


def to_stripe(amount: Money) -> int:
    """The amount in Stripe's unit; RejectedError where Stripe cannot express it, since rounding would lose money."""
    shift = _places(amount.currency) - exponent(amount.currency)
    scaled = amount.amount_minor * 10 ** max(shift, 0)
    whole, rest = divmod(int(scaled), int(10 ** max(-shift, 0)))
    if rest or (amount.currency in THOUSANDTHS and whole % 10):
        raise RejectedError("Stripe cannot move this amount exactly", f"the amount has too many places: {amount}")
    return whole


def from_stripe(minor: int, currency: str) -> Money:
    """What Stripe says, in our unit; where Stripe has more places than ISO 4217, the last ones are zeros by its rule."""
    shift = exponent(currency) - _places(currency)
    return Money(amount_minor=int(minor * 10 ** max(shift, 0) // 10 ** max(-shift, 0)), currency=currency)


def _places(currency: str) -> int:
    return 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
