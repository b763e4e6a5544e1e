"""Waivers: who answers for what a gate finds."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.schemas.products import WaiverIn, WaiverOut
from db import catalog, waivers
from domain.catalog.findings import Waiver
from domain.catalog.product import ProductId

router = APIRouter(prefix="/products/{product}/waivers", tags=["products"])

Id = Annotated[ProductId, Path()]
Number = Annotated[int, Path(ge=1, le=2**31)]


@router.get("")
async def list_waivers(product: Id, hub: HubDep, _caller: Viewer) -> list[WaiverOut]:
    """All that there ever were, the newest first."""
    rows = await hub.database.read(lambda tx: catalog.load(tx, product) and waivers.of_product(tx, product))
    return [WaiverOut.model_validate(row) for row in rows]


@router.post("", status_code=201)
async def grant_waiver(product: Id, wish: WaiverIn, hub: HubDep, caller: Operations, now: Now) -> WaiverOut:
    """The caller answers for it by name; the gate says which role may."""
    waiver = Waiver(gate=wish.gate, sku=wish.sku, field=wish.field, approver=caller.name, until=wish.until)
    await hub.database.write(
        lambda tx: waivers.grant(tx, product, wish.channel, waiver, reason=wish.reason, by=caller, now=now)
    )
    rows = await hub.database.read(lambda tx: waivers.of_product(tx, product))
    return WaiverOut.model_validate(rows[0])


@router.delete("/{number}", status_code=204)
async def revoke_waiver(product: Id, number: Number, hub: HubDep, caller: Operations, now: Now) -> None:
    """From now on nobody answers for it."""
    await hub.database.read(lambda tx: catalog.load(tx, product))
    await hub.database.write(lambda tx: waivers.revoke(tx, number, by=caller, now=now))
