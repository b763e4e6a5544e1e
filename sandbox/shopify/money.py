"""Sums over the platform's pairs of shop money and presentment money, as decimal strings."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

WITHOUT_CENTS = frozenset({"JPY", "KRW"})
WITH_MILLS = frozenset({"KWD", "BHD", "JOD"})

Bag = dict[str, Any]


def _text(amount: Decimal, currency: str) -> str:
    step = Decimal(1) if currency in WITHOUT_CENTS else Decimal("0.001") if currency in WITH_MILLS else Decimal("0.01")
    return str(amount.quantize(step, rounding=ROUND_HALF_EVEN))


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": _text(amount, currency), "currency_code": currency}


def scaled(price: Bag, factor: Decimal) -> Bag:
    return {side: _money(Decimal(money["amount"]) * factor, money["currency_code"]) for side, money in price.items()}


def bag(like: Bag, amount: Decimal, currency: str) -> Bag:
    """An amount of one of the two currencies, with its counterpart at the rate of `like`."""
    shop, presentment = like["shop_money"], like["presentment_money"]
    known = presentment if currency == presentment["currency_code"] else shop
    whole = Decimal(known["amount"])
    return scaled(like, amount / whole if whole else Decimal(0))


def sum_of(parts: Iterable[tuple[Bag, int]], *, like: Bag) -> Bag:
    """Σ price × count, in the two currencies of `like`."""
    counted = list(parts)
    return {
        side: _money(sum((Decimal(price[side]["amount"]) * count for price, count in counted), Decimal(0)), currency)
        for side, currency in ((side, money["currency_code"]) for side, money in like.items())
    }
