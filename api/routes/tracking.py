"""The buyer's page: which parcels are on their way. It holds nothing about the person."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from api.deps import HubDep
from api.pages import render
from api.tracking import order_of
from db import order_detail

router = APIRouter(tags=["tracking"])


class ParcelOut(BaseModel):
    """A parcel that left, or units that were collected."""

    carrier: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime
    delivered_at: datetime | None


class TrackingPage(BaseModel):
    """What the buyer may see."""

    number: str
    parcels: list[ParcelOut]


@router.get(
    "/t/{token}",
    response_model=TrackingPage,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def tracking_page(
    token: Annotated[str, Path(max_length=200)], hub: HubDep, accept: Annotated[str, Header()] = ""
) -> Response:
    """HTML for a browser, JSON for `Accept: application/json`."""
    order_id = order_of(hub.vault.cipher, token)
    number, parcels = await hub.database.read(lambda tx: order_detail.parcels(tx, order_id))
    page = TrackingPage(
        number=number, parcels=[ParcelOut.model_validate(parcel, from_attributes=True) for parcel in parcels]
    )
    if "application/json" in accept:
        return JSONResponse(page.model_dump(mode="json"))
    return HTMLResponse(render("tracking.html", page=page))
