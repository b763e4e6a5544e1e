"""Transfers of stock between our own places."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.schemas.orders import FromRow
from api.schemas.text import Name, Strict
from db import audit, transfers

router = APIRouter(prefix="/inventory/transfers", tags=["inventory"])

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]


class TransferIn(Strict):
    """Units to be sent from one place to another."""

    item_id: Name
    from_location_id: Name
    to_location_id: Name
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class ArrivalIn(Strict):
    """What arrived, which ends the transfer."""

    quantity: Annotated[int, Field(ge=0, le=1_000_000)]


class TransferOut(FromRow):
    """A transfer; a difference between sent and received is an exception."""

    id: str
    item_id: str
    from_location_id: str
    to_location_id: str
    sent: int
    received: int
    state: Literal["on_the_way", "arrived"]
    sent_at: datetime
    arrived_at: datetime | None


class ArrivedOut(BaseModel):
    """The transfer, and the orders that got stock by it."""

    transfer: TransferOut
    woken: list[str]


@router.get("")
async def list_transfers(hub: HubDep, _caller: Viewer) -> list[TransferOut]:
    """What is on its way, oldest first."""
    return [TransferOut.model_validate(row) for row in await hub.database.read(transfers.under_way)]


@router.put("/{transfer}")
async def send_transfer(transfer: Id, wish: TransferIn, hub: HubDep, caller: Operations, now: Now) -> TransferOut:
    """Send it; the same id sends once. Refused where fewer units are free than wanted."""

    def work(tx: Connection) -> TransferOut:
        row = transfers.send(
            tx, transfer, wish.item_id, wish.from_location_id, wish.to_location_id, wish.quantity, at=now
        )
        audit.record(tx, caller, "stock.transfer", transfer, now=now, after=wish.model_dump())
        return TransferOut.model_validate(row)

    return await hub.database.write(work)


@router.post("/{transfer}/arrival")
async def receive_transfer(transfer: Id, arrival: ArrivalIn, hub: HubDep, caller: Operations, now: Now) -> ArrivedOut:
    """Book what arrived; repeatable."""

    def work(tx: Connection) -> ArrivedOut:
        woken = transfers.arrive(tx, transfer, arrival.quantity, at=now)
        audit.record(tx, caller, "stock.arrive", transfer, now=now, after=arrival.model_dump())
        return ArrivedOut(transfer=TransferOut.model_validate(transfers.load(tx, transfer)), woken=list(woken))

    return await hub.database.write(work)
