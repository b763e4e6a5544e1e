"""What returned units are worth, to the cent: shares are fixed when the order arrives, and parts add up to them."""

from collections.abc import Sequence

from domain.base import Frozen
from domain.money import shares
from domain.returns.eligibility import OUR_FAULT
from domain.returns.policy import Terms
from domain.shares import value_of_units


class LineShares(Frozen):
    """A line's part of every sum of its order: goods − discount + other = share; `other` is tax that is added on top."""

    goods_minor: int
    discount_minor: int
    tax_minor: int
    other_minor: int
    share_minor: int


def line_shares(
    goods: Sequence[int], shares_minor: Sequence[int], *, discounts_minor: int, tax_minor: int, shipping_minor: int
) -> tuple[tuple[LineShares, ...], int]:
    """Discounts by the lines' goods, tax by their shares and the shipping's; also the tax in the shipping."""
    discounts = shares(discounts_minor, goods)
    *taxes, of_shipping = shares(tax_minor, [*(max(0, share) for share in shares_minor), shipping_minor])
    lines = tuple(
        LineShares(
            goods_minor=price, discount_minor=discount, tax_minor=tax, other_minor=share - price + discount, share_minor=share
        )
        for price, discount, tax, share in zip(goods, discounts, taxes, shares_minor, strict=True)
    )  # fmt: skip
    return lines, of_shipping


def worth_of(share_minor: int, ordered: int, before: int, units: int) -> int:
    """These units, after so many that were given back before: all of them together are worth the whole share."""
    return value_of_units(share_minor, ordered, before + units) - value_of_units(share_minor, ordered, before)


def restocking_fee(worth_minor: int, terms: Terms, reason: str) -> int:
    """What is kept of it; rounded down, and nothing where the merchant is at fault."""
    return 0 if reason in OUR_FAULT else max(0, worth_minor) * terms.restocking_fee_percent // 100


def converted(before_minor: int, amount_minor: int, total_minor: int, other_total_minor: int) -> int:
    """An amount of the order in the other of its two currencies: parts of the total convert to parts of the other."""
    if total_minor <= 0:
        return 0

    def upto(minor: int) -> int:
        return other_total_minor * min(minor, total_minor) // total_minor

    return upto(before_minor + amount_minor) - upto(before_minor)
