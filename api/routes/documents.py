"""What goes with a parcel on paper: the packing slip and the pick list."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from api.auth import Support
from api.deps import HubDep, Now
from api.pages import render
from db import audit, locations, tasks
from db.persons import person_of

router = APIRouter(prefix="/fulfillment-orders", tags=["documents"], default_response_class=HTMLResponse)

Id = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/{fulfillment_order}/packing-slip")
async def packing_slip(fulfillment_order: Id, hub: HubDep, caller: Support, now: Now) -> HTMLResponse:
    """To be printed and put into the parcel: who gets what. It is noted who looked."""

    def work(tx: Connection) -> dict[str, Any]:
        values = _values(tx, fulfillment_order)
        person = person_of(tx, hub.vault, values["task"].order_id)
        audit.record(tx, caller, "packing_slip.read", fulfillment_order, now=now)
        return values | {"ship_to": person.ship_to, "buyer": person.buyer}

    return HTMLResponse(render("packing_slip.html", **await hub.database.write(work)))


@router.get("/{fulfillment_order}/pick-list")
async def pick_list(fulfillment_order: Id, hub: HubDep, _caller: Support) -> HTMLResponse:
    """To be printed and taken to the shelves; nobody's name is on it."""
    values = await hub.database.read(lambda tx: _values(tx, fulfillment_order))
    return HTMLResponse(render("pick_list.html", **values))


def _values(tx: Connection, reference: str) -> dict[str, Any]:
    task = tasks.existing(tx, reference)
    return {
        "task": task,
        "order": tasks.order_of(tx, reference),
        "location": locations.load(tx, task.location_id),
        "lines": tasks.lines_of(tx, [reference]),
    }
