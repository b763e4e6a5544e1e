"""The price tag of a variant on a channel."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from domain.base import Frozen
from domain.catalog.form import ChannelForm
from domain.catalog.product import Owner, Price, Variant
from domain.catalog.scope import Scope
from domain.catalog.shaping import Doubt
from domain.money import Money


class PriceTag(Frozen):
    """What a variant costs on a channel; None where nothing fits."""

    sku: str
    price: Money | None = None
    compare_at: Money | None = None
    owner: Owner = "us"


def price_of(scope: Scope, form: ChannelForm) -> tuple[PriceTag, list[Doubt]]:
    """The channel's own price if it has one, else the master's in the first currency that the channel sells in."""
    variant = scope.variant
    assert variant is not None
    prices, doubts = _offered(scope, variant, form)
    sold = next((currency for currency in form.currencies if currency in prices), None)
    if sold is None:
        return PriceTag(sku=variant.sku, owner=_owner(scope)), [*doubts, _missing(prices, form)]
    price = prices[sold]
    floor = price.floor_minor
    known = variant.prices.get(sold)
    if floor is None and known:
        floor = known.floor_minor
    if floor is not None and price.amount_minor < floor:
        below = f"{Money(amount_minor=price.amount_minor, currency=sold)} is below the floor of {Money(amount_minor=floor, currency=sold)}"
        doubts.append(Doubt("price_floor", below, "raise the price, or have the floor changed"))
    compare_at = price.compare_at_minor
    tag = PriceTag(
        sku=variant.sku,
        price=Money(amount_minor=price.amount_minor, currency=sold),
        compare_at=None if compare_at is None else Money(amount_minor=compare_at, currency=sold),
        owner=_owner(scope),
    )
    return tag, doubts


def _owner(scope: Scope) -> Owner:
    override = scope.override(["price"])
    return (override.owner if override else None) or "us"


def _offered(scope: Scope, variant: Variant, form: ChannelForm) -> tuple[Mapping[str, Price], list[Doubt]]:
    override = scope.override(["price"])
    if override is None or override.value is None:
        return variant.prices, []
    given: Mapping[str, Any] = (
        override.value if isinstance(override.value, Mapping) else {"amount_minor": override.value}
    )
    currency = str(given.get("currency", form.currencies[0]))
    try:
        price = Price.model_validate({name: value for name, value in given.items() if name != "currency"})
    except ValidationError as error:
        wrong = error.errors()[0]
        return variant.prices, [
            Doubt("price", f"the channel's own price is none: {wrong['msg']}", "correct the override of price")
        ]
    return {currency: price}, []


def _missing(prices: Mapping[str, Price], form: ChannelForm) -> Doubt:
    sold = " or ".join(form.currencies)
    if prices:
        text = f"it has a price in {', '.join(sorted(prices))}, and the channel sells in {sold}"
        return Doubt("currency", text, f"give it a price in {form.currencies[0]}")
    return Doubt("price", "it has no price", f"give it a price in {form.currencies[0]}")
