"""The switch that stops every outward write, and the smaller ones."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import computed_field
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.expected import Unchanged
from api.schemas.connections import PauseIn, WokenOut
from api.schemas.orders import FromRow
from db import audit, connections, versions
from db.order_reading import SWITCHES

router = APIRouter(prefix="/switches", tags=["switches"])

_ALL = versions.stamped(SWITCHES, {"name": "all"}, "all", "switch.")


class SwitchOut(FromRow):
    """`all`, or a kind of write of one connection (`connection:kind`); `on` means that writing is stopped."""

    name: str
    on: bool
    reason: str
    changed_at: datetime

    @computed_field
    def version(self) -> str:
        """For `If-Match`."""
        return self.changed_at.isoformat()


@router.get("")
async def list_switches(hub: HubDep, _caller: Viewer) -> list[SwitchOut]:
    """Every switch that was ever used."""
    return [SwitchOut.model_validate(row) for row in await hub.database.read(connections.switches)]


@router.post("/all/stop")
async def stop_all(wish: PauseIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged) -> list[SwitchOut]:
    """Write nothing to anyone until it is started again; what comes in is still taken and planned."""

    def work(tx: Connection) -> list[SwitchOut]:
        unchanged.check(tx, _ALL)
        connections.stop_everything(tx, reason=wish.reason, now=now)
        audit.record(tx, caller, "switch.stop", "all", now=now, after={"reason": wish.reason})
        return [SwitchOut.model_validate(row) for row in connections.switches(tx)]

    return await hub.database.write(work)


@router.post("/all/start")
async def start_all(hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged) -> WokenOut:
    """Write again; connections that are paused by themselves stay so."""

    def work(tx: Connection) -> WokenOut:
        unchanged.check(tx, _ALL)
        woken = connections.start_everything(tx, now=now)
        audit.record(tx, caller, "switch.start", "all", now=now, after={"orders": len(woken)})
        return WokenOut(orders=len(woken))

    return await hub.database.write(work)
