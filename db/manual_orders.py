"""Orders that people and files bring, on a connection of their own."""

from datetime import datetime

from sqlalchemy import Connection, select

from db.intake import take_order
from db.order_reading import CONNECTIONS
from db.upsert import insert_once
from db.vault import Vault
from domain.channel_order import ChannelOrder
from domain.errors import DomainError

CONNECTION = "manual"


def take(tx: Connection, vault: Vault, order: ChannelOrder, *, by: str, now: datetime) -> str:
    """Make the order; its reference must be new. Returns the order's id."""
    insert_once(
        tx,
        CONNECTIONS,
        [
            {
                "id": CONNECTION, "platform": CONNECTION, "name": "Manual orders", "sealed_config": b"", "mode": "on",
                "market": "", "captures": "channel", "pause_reason": "", "settings": {}, "created_at": now,
            }
        ],
    )  # fmt: skip
    connection = tx.execute(select(CONNECTIONS).where(CONNECTIONS.c.id == CONNECTION)).one()
    taken = take_order(tx, vault, connection, order, now, by)
    if taken.outcome != "new":
        raise DomainError(
            "reference_taken", f"there is an order {order.external_id!r} already; choose another reference"
        )
    return taken.order_id
