"""Returns at a shop or warehouse: what is expected, received and inspected there."""

from fastapi import APIRouter
from sqlalchemy import Connection

from api.auth import Support
from api.deps import HubDep, Now
from api.expected import Unchanged
from api.routes.locations import Id
from api.routes.returns import ReturnId
from api.schemas.returns import InspectedOut, InspectIn, ReceiveIn, ReturnOut
from db import audit, items, locations, versions
from db.returns import goods, queries
from db.returns.opening import expect_again
from db.returns.rows import locked
from domain.returns.disposition import Disposition

router = APIRouter(prefix="/store", tags=["store"])


@router.get("/{location}/returns")
async def list_expected(location: Id, hub: HubDep, _caller: Support) -> list[ReturnOut]:
    """What is to be received or inspected at a place, the oldest first."""

    def work(tx: Connection) -> list[ReturnOut]:
        locations.load(tx, location)
        return [ReturnOut.of(queries.read(tx, row.id), {}) for row in queries.expected_at(tx, location)]

    return await hub.database.read(work)


@router.post("/returns/{return_id}/receive")
async def receive_return(
    return_id: ReturnId, wish: ReceiveIn, hub: HubDep, caller: Support, now: Now, unchanged: Unchanged
) -> ReturnOut:
    """Units came in: more, fewer or others than announced are recorded as they are, and a person sees the difference."""

    def work(tx: Connection) -> ReturnOut:
        row = locked(tx, return_id)
        unchanged.check(tx, versions.order_return(return_id))
        items.load(tx, wish.item_id)
        locations.load(tx, wish.location_id)
        row = expect_again(tx, row, by=caller.name, now=now)
        arguments = (wish.key, wish.item_id, wish.quantity, wish.location_id)
        if goods.receive(tx, row, *arguments, by=caller.name, now=now):
            audit.record(tx, caller, "return.receive", return_id, now=now, after=wish.model_dump())
        return ReturnOut.of(queries.read(tx, return_id), {})

    return await hub.database.write(work)


@router.post("/returns/{return_id}/inspect")
async def inspect_return(
    return_id: ReturnId, wish: InspectIn, hub: HubDep, caller: Support, now: Now, unchanged: Unchanged
) -> InspectedOut:
    """Say what state units are in; stock moves by what becomes of them."""

    def work(tx: Connection) -> Disposition:
        row = locked(tx, return_id)
        unchanged.check(tx, versions.order_return(return_id))
        if wish.to_location_id:
            locations.load(tx, wish.to_location_id)
        done = goods.grade(
            tx, row, wish.key, wish.line_id, wish.item_id, wish.quantity, wish.grade,
            disposition=wish.disposition, to_location=wish.to_location_id, by=caller.name, now=now,
        )  # fmt: skip
        audit.record(tx, caller, "return.inspect", return_id, now=now, after=wish.model_dump() | {"disposition": done})
        return done

    return InspectedOut(disposition=await hub.database.write(work))


@router.post("/returns/{return_id}/arrived", status_code=204)
async def arrive_transfer(
    return_id: ReturnId, wish: ReceiveIn, hub: HubDep, caller: Support, now: Now, unchanged: Unchanged
) -> None:
    """Units that were sent on to another place can be sold there from now on."""

    def work(tx: Connection) -> None:
        row = locked(tx, return_id)
        unchanged.check(tx, versions.order_return(return_id))
        goods.arrive(tx, row, wish.key, wish.item_id, wish.quantity, wish.location_id, now=now)
        audit.record(tx, caller, "return.arrived", return_id, now=now, after=wish.model_dump())

    await hub.database.write(work)
