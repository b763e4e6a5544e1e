"""What taking an order means: its id, its priority, the shares of its money, and what a newer snapshot changed."""

from collections.abc import Iterator

from domain.channel_order import BothMoney, ChannelLine, ChannelOrder
from domain.errors import DomainError
from domain.money import exponent, shares

_PRIORITY_TAGS = {"vip": 20, "express": 10, "priority": 10}
_EXPRESS = ("express", "overnight", "next day", "same day")
_PREFIX = 3


def check(order: ChannelOrder) -> None:
    """Refuse what no order can say: negative quantities, twice the same line, currencies that do not exist or do not fit."""
    seen: set[str] = set()
    for place, line in enumerate(order.lines):
        for field in ("quantity", "current_quantity"):
            if getattr(line, field) < 0:
                raise DomainError("bad_quantity", f"lines[{place}].{field} is negative; send a whole number from 0")
        if line.external_id in seen:
            raise DomainError("repeated_line", f"lines[{place}].external_id is an earlier line's; give each its own")
        seen.add(line.external_id)
    _check_money(order)


def _check_money(order: ChannelOrder) -> None:
    """An order is in one currency of the shop and one of the buyer: sums over others would be nonsense."""
    for field, amount in _amounts(order):
        for side in ("shop", "presentment"):
            currency, expected = getattr(amount, side).currency, getattr(order.total, side).currency
            exponent(currency)
            if currency != expected:
                raise DomainError(
                    "mixed_currencies", f"{field}.{side} is in {currency} and total.{side} in {expected}; send one"
                )
    for tender in order.tenders:
        exponent(tender.amount.currency)


def _amounts(order: ChannelOrder) -> Iterator[tuple[str, BothMoney]]:
    """Every amount of the order with the name of its field; tenders may each have a currency of their own."""
    for name in ("total", "subtotal", "discounts", "shipping", "tax"):
        yield name, getattr(order, name)
    for place, line in enumerate(order.lines):
        for name in ("unit_price", "discount", "tax"):
            yield f"lines[{place}].{name}", getattr(line, name)


def order_id(connection_id: str, external_id: str) -> str:
    """One order at one connection always has one id: taking it twice finds itself."""
    return f"{connection_id}-{external_id}"


def priority_of(order: ChannelOrder) -> int:
    """Who gets scarce stock first; higher is first, and age decides among equals."""
    by_tag = max((_PRIORITY_TAGS.get(tag.strip().lower(), 0) for tag in order.tags), default=0)
    return by_tag + (5 if any(word in order.service.lower() for word in _EXPRESS) else 0)


def postal_prefix(postal_code: str) -> str:
    """The part of a postal code that names an area and no household."""
    return "".join(postal_code.upper().split())[:_PREFIX]


def line_shares(order: ChannelOrder) -> list[int]:
    """Each line's part of the order's total without shipping, in shop money; fixed when the order arrives."""
    weights = [
        max(0, line.quantity * line.unit_price.shop.amount_minor - line.discount.shop.amount_minor)
        for line in order.lines
    ]
    return shares(order.total.shop.amount_minor - order.shipping.shop.amount_minor, weights)


def units_left(line: ChannelLine) -> int:
    """Units that the buyer still is to get, by the channel's own count."""
    return min(line.current_quantity, line.quantity)


def shipped_at_channel(order: ChannelOrder) -> dict[str, int]:
    """Units per line that the channel counts as fulfilled, ours included."""
    total: dict[str, int] = {}
    for external_id, units in order.shipped_externally:
        total[external_id] = total.get(external_id, 0) + units
    return total
