"""The switch of each flow of each connection."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field, computed_field
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.expected import Unchanged
from api.schemas.orders import FromRow
from api.schemas.text import Strict
from db import audit, flows, versions

router = APIRouter(prefix="/flows", tags=["flows"])

Part = Annotated[str, Path(pattern=r"^[\w.-]{1,64}$")]


class FlowOut(FromRow):
    """How a flow stands; a flow that was never switched is off."""

    connection_id: str
    flow: str
    mode: str
    canary_percent: int
    changed_at: datetime
    changed_by: str

    @computed_field
    def version(self) -> str:
        """For `If-Match`."""
        return self.changed_at.isoformat()


class FlowIn(Strict):
    """Off, shadow (computed and compared, never written), or on for a share of the items."""

    mode: Literal["off", "shadow", "on"]
    canary_percent: Annotated[int, Field(ge=0, le=100)] = 100


@router.get("")
async def list_flows(hub: HubDep, _caller: Viewer) -> list[FlowOut]:
    """Every switch that was ever used."""
    return [FlowOut.model_validate(row) for row in await hub.database.read(flows.every)]


@router.put("/{connection}/{flow}")
async def switch_flow(
    connection: Part, flow: Part, wish: FlowIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> FlowOut:
    """Turn the switch; shadow comes before on."""

    def work(tx: Connection) -> FlowOut:
        of_flow = {"connection_id": connection, "flow": flow}
        unchanged.check(tx, versions.stamped(flows.FLOWS, of_flow, f"{connection}:{flow}", "flow."))
        before = flows.put(tx, connection, flow, wish.mode, wish.canary_percent, by=caller.name, now=now)
        was = {"mode": before.mode, "canary_percent": before.canary_percent} if before else None
        audit.record(tx, caller, "flow.switch", f"{connection}:{flow}", now=now, before=was, after=wish.model_dump())
        return FlowOut.model_validate(flows.find(tx, connection, flow))

    return await hub.database.write(work)
