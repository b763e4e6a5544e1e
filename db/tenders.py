"""The tender ledger: money of an order by tender and currency, appended."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from db.tables.effects import TenderEntryRow
from db.upsert import insert_once
from domain.channel_order import ChannelOrder, ChannelTender
from domain.money import Money

TENDERS = TenderEntryRow.__table__  # type: ignore[attr-defined]

DERIVED = "state:"
_DERIVED = {
    "authorized": "authorized", "paid": "captured", "partially_refunded": "captured", "refunded": "captured",
    "voided": "voided",
}  # fmt: skip

_ANY_OF_KIND = (
    select(TENDERS.c.id)
    .where(TENDERS.c.order_id == bindparam("order_id"), TENDERS.c.kind == bindparam("kind"))
    .limit(1)
)


def entry(
    order_id: str,
    key: str,
    tender: str,
    kind: str,
    amount: Money,
    at: datetime,
    source: str,
    *,
    external_id: str = "",
    parent: str = "",
) -> dict[str, Any]:
    """One row; `key` makes the same movement of money one row, whoever reports it."""
    return {
        "key": f"{order_id}:{key}", "order_id": order_id, "tender": tender, "kind": kind, "currency": amount.currency,
        "amount_minor": amount.amount_minor, "external_id": external_id, "parent_external_id": parent,
        "source": source, "at": at,
    }  # fmt: skip


def movement(
    order_id: str,
    external_id: str,
    tender: str,
    kind: str,
    amount: Money,
    at: datetime,
    source: str,
    *,
    parent: str = "",
) -> dict[str, Any]:
    """The row of a movement that a platform names: the same whether a snapshot, a webhook or our own step tells of it.

    A payment may keep its id from being authorized to being captured or voided, so the kind is part of the key.
    """
    return entry(
        order_id, f"{kind}:{external_id}", tender, kind, amount, at, source, external_id=external_id, parent=parent
    )


def of_tender(order_id: str, tender: ChannelTender, source: str) -> dict[str, Any]:
    """The row of a movement in a channel's snapshot."""
    parent = tender.parent_external_id
    return movement(order_id, tender.external_id, tender.tender, tender.kind, tender.amount, tender.at, source, parent=parent)  # fmt: skip


def append(tx: Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Append entries that are new; returns how many."""
    return insert_once(tx, TENDERS, list(rows))


def record_tenders(tx: Connection, order_id: str, connection_id: str, order: ChannelOrder) -> None:
    """The money that the snapshot names; where nothing names a movement, the state of payment stands for one."""
    append(tx, [of_tender(order_id, tender, connection_id) for tender in order.tenders])
    kind = _DERIVED.get(order.financial)
    if kind and tx.execute(_ANY_OF_KIND, {"order_id": order_id, "kind": kind}).first() is None:
        key = f"{DERIVED}{kind}"
        append(tx, [entry(order_id, key, "channel", kind, order.total.presentment, order.updated_at, connection_id)])


def moved(tx: Connection, order_id: str, currency: str) -> Counter[str]:
    """Money by kind; what was derived from the state of payment counts only until a movement is named."""
    mine = select(TENDERS).where(TENDERS.c.order_id == order_id, TENDERS.c.currency == currency)
    named: Counter[str] = Counter()
    derived: Counter[str] = Counter()
    for row in tx.execute(mine):
        (derived if row.key.startswith(f"{order_id}:{DERIVED}") else named)[row.kind] += row.amount_minor
    return Counter({kind: named[kind] or derived[kind] for kind in named | derived})
