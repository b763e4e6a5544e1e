"""Units on their way between two places of ours: gone from one at once, at the other when they arrive."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db import items, locations
from db.exceptions import open_cause
from db.ledger import LEVELS, move
from db.restock import allocate, free_here
from db.tables.stock import TransferRow
from db.upsert import insert_once
from domain.causes import Cause
from domain.errors import DomainError

TRANSFERS = TransferRow.__table__  # type: ignore[attr-defined]


def send(
    tx: Connection, transfer_id: str, item_id: str, from_location: str, to_location: str, quantity: int, *, at: datetime
) -> Row[Any]:
    """Take units from one place and show them in transit at the other. The same id sends once.

    Refused where fewer units are free: what is promised to orders is not ours to move.
    """
    if (known := find(tx, transfer_id)) is not None:
        return known
    if items.load(tx, item_id).components:
        raise DomainError("bundle_with_stock", f"{item_id} is a bundle; transfer its components instead")
    if from_location == to_location or quantity <= 0:
        raise DomainError("bad_request", "a transfer needs two places, and one unit or more")
    locations.load(tx, to_location)
    locations.load(tx, from_location)
    free = free_here(tx, item_id, from_location, at)
    if free < quantity:
        raise DomainError(
            "not_enough_stock", f"{from_location} has {max(free, 0)} free units of {item_id}, not {quantity}"
        )
    move(tx, f"transfer:{transfer_id}:out", "transfer", item_id, from_location, on_hand=-quantity, at=at)
    row = {
        "id": transfer_id, "item_id": item_id, "from_location_id": from_location, "to_location_id": to_location,
        "sent": quantity, "received": 0, "state": "on_the_way", "sent_at": at, "arrived_at": None,
    }  # fmt: skip
    insert_once(tx, TRANSFERS, [row])
    _in_transit(tx, transfer_id, item_id, to_location, quantity, at)
    return load(tx, transfer_id)


def arrive(tx: Connection, transfer_id: str, quantity: int, *, at: datetime) -> tuple[str, ...]:
    """So many units arrived, which ends the transfer; returns the orders that got stock. Repeatable.

    What arrived is booked as it is; more or fewer than were sent is for a person.
    """
    transfer = load(tx, transfer_id)
    if transfer.state == "arrived":
        return ()
    if quantity < 0:
        raise DomainError("bad_request", "quantity: send 0 if nothing arrived")
    tx.execute(
        update(TRANSFERS).where(TRANSFERS.c.id == transfer_id).values(state="arrived", received=quantity, arrived_at=at)
    )
    _in_transit(tx, transfer_id, transfer.item_id, transfer.to_location_id, -transfer.sent, at)
    key = f"transfer:{transfer_id}:in"
    move(tx, key, "transfer", transfer.item_id, transfer.to_location_id, on_hand=quantity, at=at)
    if quantity != transfer.sent:
        open_cause(tx, _differs(transfer, quantity), at)
    return allocate(tx, transfer.item_id, transfer.to_location_id, at=at)


def find(tx: Connection, transfer_id: str) -> Row[Any] | None:
    return tx.execute(select(TRANSFERS).where(TRANSFERS.c.id == transfer_id)).first()


def load(tx: Connection, transfer_id: str) -> Row[Any]:
    row = find(tx, transfer_id)
    if row is None:
        raise DomainError("unknown_transfer", f"there is no transfer {transfer_id!r}; list them to find its id")
    return row


def under_way(tx: Connection) -> list[Row[Any]]:
    """Oldest first."""
    return list(tx.execute(select(TRANSFERS).where(TRANSFERS.c.state == "on_the_way").order_by(TRANSFERS.c.sent_at)))


def _in_transit(tx: Connection, transfer_id: str, item_id: str, location_id: str, units: int, at: datetime) -> None:
    """In transit is no promise: it is shown beside the balance, not in it."""
    step = "sent" if units > 0 else "arrived"
    move(tx, f"transfer:{transfer_id}:{step}", "transfer", item_id, location_id, at=at)
    place = (LEVELS.c.item_id == item_id, LEVELS.c.location_id == location_id, LEVELS.c.condition == "sellable")
    tx.execute(update(LEVELS).where(*place).values(in_transit=LEVELS.c.in_transit + units))


def _differs(transfer: Row[Any], received: int) -> Cause:
    return Cause(
        kind="transfer_differs",
        subject=transfer.id,
        title=f"Transfer {transfer.id}: {transfer.sent} units of {transfer.item_id} were sent, {received} arrived",
        remedy="Look for the units at both places and book what is found as a count, then close this.",
        blocks=False,
    )
