"""Money in integer minor units, and shares that lose no cent."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision

from domain.base import Frozen
from domain.errors import DomainError


@cache
def exponent(currency: str) -> int:
    """Decimal places of an ISO 4217 currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency not in get_global("all_currencies"):
        raise DomainError("unknown_currency", f"{currency!r} is not an ISO 4217 currency code; correct the currency")
    return int(get_currency_precision(currency))


class Money(Frozen):
    """An amount in the currency's smallest unit; may be negative where a ledger needs it."""

    amount_minor: int
    currency: str

    @property
    def decimal(self) -> str:
        """The amount as platforms write it: "12.30" in euros, "1230" in yen."""
        places = exponent(self.currency)
        return f"{Decimal(self.amount_minor).scaleb(-places):.{places}f}"

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"


def money(text: str | int | Decimal, currency: str) -> Money:
    """Read a platform's decimal amount, such as "199.65"; digits beyond the currency's own are rounded half to even."""
    try:
        minor = Decimal(text).scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    except InvalidOperation as wrong:
        raise DomainError("bad_amount", f"{text!r} is not a decimal amount; send digits with a point") from wrong
    return Money(amount_minor=int(minor), currency=currency)


def shares(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights with cumulative rounding: the parts add up to the total, always.

    With all weights zero the whole amount falls to the first part.
    """
    if not weights:
        return []
    whole = sum(weights)
    if whole == 0:
        return [total_minor] + [0] * (len(weights) - 1)
    parts, weight_so_far, paid_so_far = [], 0, 0
    for weight in weights:
        weight_so_far += weight
        due = (2 * total_minor * weight_so_far + whole) // (2 * whole)
        parts.append(due - paid_so_far)
        paid_so_far = due
    return parts
