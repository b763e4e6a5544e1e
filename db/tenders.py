"""The tender ledger: money of an order by tender and currency, appended."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.tables.effects import TenderEntryRow
from db.upsert import insert_once
from domain.channel_order import ChannelOrder
from domain.money import Money

TENDERS = TenderEntryRow.__table__  # type: ignore[attr-defined]

_DERIVED = {
    "authorized": "authorized", "paid": "captured", "partially_refunded": "captured", "refunded": "captured",
    "voided": "voided",
}  # fmt: skip


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


def append(tx: Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Append entries that are new; returns how many."""
    return insert_once(tx, TENDERS, list(rows))


def record_tenders(tx: Connection, order_id: str, connection_id: str, order: ChannelOrder) -> None:
    """The money that the snapshot names; where it names no movements, the state of payment stands for one."""
    rows = [
        entry(order_id, tender.external_id, tender.tender, tender.kind, tender.amount, tender.at, connection_id,
              external_id=tender.external_id, parent=tender.parent_external_id)
        for tender in order.tenders
    ]  # fmt: skip
    kind = _DERIVED.get(order.financial)
    if not rows and kind:
        key = f"state:{kind}"
        rows = [entry(order_id, key, "channel", kind, order.total.shop, order.updated_at, connection_id)]
    append(tx, rows)
