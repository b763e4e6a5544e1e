"""Stock: what is where, why, for whom, and what came in."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.routes.items import Id
from api.schemas.orders import FromRow
from api.schemas.text import Name, Strict
from db import audit, booking, inventory_queries, ledger

router = APIRouter(prefix="/inventory", tags=["inventory"])

Text = Annotated[str, Query(max_length=300, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=500)]
Key = Annotated[str, Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class LevelOut(FromRow):
    """A balance; `available` is what can be promised."""

    item_id: str
    location_id: str
    condition: str
    on_hand: int
    reserved: int
    available: int
    in_transit: int
    incoming: int


class LevelList(BaseModel):
    """A page; `next` goes on from its last level, null on the last page."""

    levels: list[LevelOut]
    next: str | None


class MovementOut(FromRow):
    """One row of the ledger."""

    id: int
    key: str
    kind: str
    item_id: str
    location_id: str
    condition: str
    on_hand: int
    reserved: int
    order_id: str | None
    at: datetime


class ReservationOut(FromRow):
    """Units promised: to a fulfillment order, or (`waiting`) to a line that none covers yet."""

    order_id: str
    holder: str
    line_id: str
    item_id: str
    location_id: str
    quantity: int


class WaitingOut(FromRow):
    """A line in the queue for an item."""

    order_id: str
    line_id: str
    item_id: str
    quantity: int
    priority: int
    placed_at: datetime
    give_up_at: datetime
    reason: str


class BookIn(Strict):
    """Units that came in (`receive`; negative: lost), or how many there are now (`count`)."""

    kind: Literal["receive", "count"]
    item_id: Name
    location_id: Name
    quantity: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]


class BookedOut(BaseModel):
    """The level afterwards, and the orders that got stock by it."""

    level: LevelOut
    woken: list[str]


@router.get("/levels")
async def list_levels(
    hub: HubDep, _caller: Viewer, item: Text = "", location: Text = "", after: Text = "", limit: Limit = 100
) -> LevelList:
    """By item, location and condition."""
    place = _place(after)
    rows = await hub.database.read(
        lambda tx: inventory_queries.levels(tx, item_id=item, location_id=location, after=place, limit=limit + 1)
    )
    last = rows[limit - 1] if len(rows) > limit else None
    shown = [_level(row) for row in rows[:limit]]
    return LevelList(levels=shown, next=f"{last.item_id}|{last.location_id}|{last.condition}" if last else None)


@router.get("/movements/{item}")
async def list_movements(
    item: Id,
    hub: HubDep,
    _caller: Viewer,
    location: Text = "",
    before: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    limit: Limit = 100,
) -> list[MovementOut]:
    """Newest first; `before` goes on from the last row's id."""
    rows = await hub.database.read(
        lambda tx: inventory_queries.movements(tx, item, location_id=location, before=before, limit=limit)
    )
    return [MovementOut.model_validate(row) for row in rows]


@router.get("/reservations/{item}")
async def list_reservations(item: Id, hub: HubDep, _caller: Viewer, location: Text = "") -> list[ReservationOut]:
    """Who holds what of an item."""
    rows = await hub.database.read(lambda tx: inventory_queries.reservations(tx, item, location_id=location))
    return [ReservationOut.model_validate(row) for row in rows]


@router.get("/waiting/{item}")
async def list_waiting(item: Id, hub: HubDep, _caller: Viewer, limit: Limit = 100) -> list[WaitingOut]:
    """The queue for an item: stock goes to its head."""
    rows = await hub.database.read(lambda tx: inventory_queries.waiting(tx, item, limit=limit))
    return [WaitingOut.model_validate(row) for row in rows]


@router.post("/movements")
async def book_stock(wish: BookIn, hub: HubDep, caller: Operations, now: Now, idempotency_key: Key) -> BookedOut:
    """Book a receipt or a count; the same Idempotency-Key books once. Waiting orders get what comes in."""

    def work(tx: Connection) -> BookedOut:
        key = f"{wish.kind}:{caller.name}:{idempotency_key}"
        is_new = not inventory_queries.is_booked(tx, key)
        woken = booking.book(tx, key, wish.kind, wish.item_id, wish.location_id, wish.quantity, at=now)
        if is_new:
            audit.record(tx, caller, f"stock.{wish.kind}", wish.item_id, now=now, after=wish.model_dump())
        level = inventory_queries.levels(tx, item_id=wish.item_id, location_id=wish.location_id)
        return BookedOut(level=_level(level[0]), woken=list(woken))

    return await hub.database.write(work)


class DifferenceOut(FromRow):
    """A balance that is not the sum of its movements or reservations."""

    item_id: str
    location_id: str
    condition: str
    field: str
    balance: int
    ledger: int


@router.get("/verify")
async def verify(hub: HubDep, _caller: Viewer) -> list[DifferenceOut]:
    """Recompute every balance from the ledger; an empty list means that all agree."""
    return [DifferenceOut.model_validate(found) for found in await hub.database.read(ledger.verify)]


def _level(row: object) -> LevelOut:
    values = {name: getattr(row, name) for name in LevelOut.model_fields if name != "available"}
    sellable = values["condition"] == "sellable"
    return LevelOut(**values, available=max(0, values["on_hand"] - values["reserved"]) if sellable else 0)


def _place(cursor: str) -> inventory_queries.Place:
    match cursor.split("|"):
        case [""]:
            return ("", "", "")
        case [item, location, condition]:
            return (item, location, condition)
        case _:
            raise ProblemError(422, "bad_cursor", "after: send what a page gave as `next`")
