"""What was taken for an order and what of it is back or on its way, tender by tender."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from db.returns.rows import REFUNDS
from db.tenders import TENDERS
from domain.returns.refund_plan import Taken

ON_ITS_WAY = ("planned", "calling", "made")
DERIVED = ":state:"
"""In the key of an entry that stands for a snapshot which named no movements; real ones replace it."""


class Budget(NamedTuple):
    """`outside_minor` is what was given back without us, by entry key; it may exceed what was taken: it is a fact."""

    taken: tuple[Taken, ...]
    outside: dict[str, int]


def budget(tx: Connection, order_id: str) -> Budget:
    """Read it under the order's lock: refunds are decided by it."""
    entries = list(tx.execute(select(TENDERS).where(TENDERS.c.order_id == order_id).order_by(TENDERS.c.id)))
    ours = list(tx.execute(select(REFUNDS).where(REFUNDS.c.order_id == order_id, REFUNDS.c.state.in_(ON_ITS_WAY))))
    captured = _real([entry for entry in entries if entry.kind == "captured"])
    outside = [entry for entry in entries if entry.kind == "refunded" and not _is_ours(entry, ours)]
    gone = [(entry.parent_external_id, entry.currency, entry.amount_minor) for entry in outside]
    gone += [(refund.parent_external_id, refund.currency, refund.amount_minor) for refund in ours]
    gone += _charged_back(entries)
    taken = _given_back(captured, gone)
    return Budget(taken, {entry.key: entry.amount_minor for entry in outside})


def _real(captured: list[Row[Any]]) -> list[Row[Any]]:
    named = [entry for entry in captured if DERIVED not in entry.key]
    return named or captured


def _is_ours(entry: Row[Any], ours: Iterable[Row[Any]]) -> bool:
    names = {entry.external_id, entry.key}
    return any(refund.external_id and {refund.external_id, tender_key(refund)} & names for refund in ours)


def tender_key(refund: Row[Any]) -> str:
    """The key of the tender entry of a refund that was made: the same as that of the channel's own news of it."""
    return f"{refund.order_id}:refund:{refund.external_id}:0"


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
