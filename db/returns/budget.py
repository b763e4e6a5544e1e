"""What was taken for an order and what of it is back or on its way, tender by tender."""

from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from db.order_reading import EFFECTS, ORDERS
from db.returns.rows import REFUNDS
from db.rows import find, one
from db.tenders import TENDERS
from domain.returns.refund_plan import Taken
from domain.returns.worth import converted

ON_ITS_WAY = ("planned", "calling", "made")
DERIVED = ":state:"
"""In the key of an entry that stands for a snapshot which named no movements; real ones replace it."""


class Budget(NamedTuple):
    """`outside_minor` is what was given back without us, in the order's currency; it may exceed what was taken: a fact.

    The channel may show a refund of ours before our own call has come to its end: that one is not counted.
    """

    taken: tuple[Taken, ...]
    outside_minor: int


def budget(tx: Connection, order_id: str) -> Budget:
    """Read it under the order's lock: refunds are decided by it."""
    entries = find(tx, TENDERS, "id", order_id=order_id)
    ours = [refund for refund in find(tx, REFUNDS, order_id=order_id) if refund.state in ON_ITS_WAY]
    captured = _real([entry for entry in entries if entry.kind == "captured"])
    made = {refund.entry_key for refund in ours}
    others = [entry for entry in entries if entry.kind == "refunded" and entry.key not in made]
    gone = [(entry.parent_external_id, entry.currency, entry.amount_minor) for entry in others]
    gone += [(refund.parent_external_id, refund.currency, refund.amount_minor) for refund in ours]
    gone += _charged_back(entries)
    return Budget(_given_back(captured, gone), _outside(tx, order_id, others, ours))


def _outside(tx: Connection, order_id: str, others: list[Row[Any]], ours: list[Row[Any]]) -> int:
    """In the order's currency, without what order routing gave back for canceled units."""
    order = one(tx, ORDERS, order_id)
    ours_for_cancels = find(tx, EFFECTS, order_id=order_id, kind="refund", state="confirmed")
    of_cancels = {effect.proof.get("external_id") for effect in ours_for_cancels if effect.proof}
    amounts = Counter[str]()
    for entry in others:
        amounts[entry.currency] += entry.amount_minor if entry.external_id not in of_cancels else 0
    for refund in ours:
        amounts[refund.currency] -= refund.amount_minor if refund.state == "calling" else 0
    shown = max(0, amounts[order.presentment_currency]) if order.presentment_currency != order.currency else 0
    return max(0, amounts[order.currency]) + converted(0, shown, order.presentment_total_minor, order.total_minor)


def _real(captured: list[Row[Any]]) -> list[Row[Any]]:
    named = [entry for entry in captured if DERIVED not in entry.key]
    return named or captured


def _charged_back(entries: list[Row[Any]]) -> list[tuple[str, str, int]]:
    """A bank holds what is disputed, until it gives it back."""
    won = {entry.external_id for entry in entries if entry.kind == "chargeback_won"}
    return [
        (entry.parent_external_id, entry.currency, entry.amount_minor)
        for entry in entries
        if entry.kind == "chargeback" and entry.external_id not in won
    ]


def _given_back(captured: list[Row[Any]], gone: list[tuple[str, str, int]]) -> tuple[Taken, ...]:
    """What names its payment lowers that one, the rest lowers whichever has something left."""
    left = {entry.id: entry.amount_minor for entry in captured}
    for by_name in (True, False):
        for parent, currency, amount in gone:
            named = [entry for entry in captured if parent and entry.external_id == parent]
            if bool(named) != by_name:
                continue
            rest = amount
            for entry in [*named, *(e for e in captured if e.currency == currency and e not in named)]:
                part = min(rest, left[entry.id])
                left[entry.id] -= part
                rest -= part
    return tuple(
        Taken(
            tender=entry.tender, external_id=entry.external_id if DERIVED not in entry.key else "", currency=entry.currency,
            captured_minor=entry.amount_minor, given_back_minor=entry.amount_minor - left[entry.id],
        )
        for entry in captured
    )  # fmt: skip
