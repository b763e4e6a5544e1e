"""Amounts of money as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.core import UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision

LOCALE = "en_US"


def money(amount_minor: int, currency: str) -> str:
    """With the currency's own number of decimals."""
    value = Decimal(amount_minor).scaleb(-get_currency_precision(currency))
    try:
        return format_currency(value, currency, locale=LOCALE)
    except UnknownLocaleError:
        return f"{value} {currency}"


def in_units(amount_minor: int, currency: str) -> float:
    """In whole units, for a chart."""
    return float(Decimal(amount_minor).scaleb(-get_currency_precision(currency)))


def in_minor(units: str, currency: str) -> int:
    """What was typed in whole units, as the hub counts; ValueError where it is no amount."""
    try:
        return int(Decimal(units.replace(",", ".")).scaleb(get_currency_precision(currency)).to_integral_value())
    except InvalidOperation:
        raise ValueError(f"{units!r} is no amount of {currency}; write it such as 29.90") from None


def money_of(shown: Mapping[str, Any] | None) -> str:
    """Of the API's form of an amount, `{"amount_minor": …, "currency": …}`; an em dash for none."""
    return money(shown["amount_minor"], shown["currency"]) if shown else "—"


def sums(amounts: Iterable[Mapping[str, Any]]) -> str:
    """One amount per currency, side by side: amounts of different currencies are not added."""
    return " + ".join(money_of(each) for each in amounts) or "—"
