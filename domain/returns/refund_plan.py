"""To which tenders money goes back: never more to one than was taken from it."""

from collections.abc import Iterable, Mapping
from typing import Literal

from domain.base import Frozen

TenderClass = Literal["original", "gift_card", "store_credit", "pay_later"]
ORDER: tuple[TenderClass, ...] = ("original", "gift_card", "store_credit", "pay_later")
"""Money first goes back to where the buyer's own came from."""
_BY_NAME: dict[str, TenderClass] = {
    "gift_card": "gift_card", "giftcard": "gift_card", "shopify_store_credit": "store_credit",
    "store_credit": "store_credit", "klarna": "pay_later", "afterpay": "pay_later", "affirm": "pay_later",
    "shop_pay_installments": "pay_later",
}  # fmt: skip


class Taken(Frozen):
    """Money that was captured, and what of it is on its way back or is back."""

    tender: str
    external_id: str = ""
    currency: str
    captured_minor: int
    given_back_minor: int = 0

    @property
    def left_minor(self) -> int:
        return max(0, self.captured_minor - self.given_back_minor)


class Part(Frozen):
    """An amount for one tender; `before` and `within` are what it was limited by."""

    tender: str
    parent_external_id: str
    currency: str
    amount_minor: int
    before_minor: int
    within_minor: int


def class_of(tender: str, names: Mapping[str, str]) -> TenderClass:
    """By the connection's own names (its setting `tenders`), then by what platforms commonly call them."""
    named = names.get(tender, tender).strip().lower().replace(" ", "_")
    return next((each for each in ORDER if each == named), _BY_NAME.get(named, "original"))


def split(amount_minor: int, taken: Iterable[Taken], names: Mapping[str, str]) -> tuple[tuple[Part, ...], int]:
    """The parts in the right order, and what no tender covers."""
    rest, parts = amount_minor, []
    for one in sorted(taken, key=lambda t: ORDER.index(class_of(t.tender, names))):
        amount = min(rest, one.left_minor)
        if amount > 0:
            parts.append(
                Part(
                    tender=one.tender, parent_external_id=one.external_id, currency=one.currency, amount_minor=amount,
                    before_minor=one.given_back_minor, within_minor=one.captured_minor,
                )
            )  # fmt: skip
            rest -= amount
    return tuple(parts), rest
