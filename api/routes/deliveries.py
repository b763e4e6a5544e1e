"""Webhook deliveries and what became of them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.auth import Viewer
from api.deps import HubDep
from api.schemas.orders import FromRow
from db import deliveries

router = APIRouter(tags=["webhooks"])

State = Literal["new", "done", "unreadable", "unknown_topic", "failed"]


class DeliveryOut(FromRow):
    """One delivery, without its body: that holds personal data."""

    id: int
    topic: str
    event_id: str
    received_at: datetime
    triggered_at: datetime | None
    state: str
    outcome: str
    order_id: str | None
    error_id: str
    attempts: int
    processed_at: datetime | None


@router.get("/connections/{connection}/deliveries")
async def list_deliveries(
    connection: Annotated[str, Path(max_length=100)],
    hub: HubDep,
    _caller: Viewer,
    state: State | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="go on from this id")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[DeliveryOut]:
    """Newest first."""
    rows = await hub.database.read(
        lambda tx: deliveries.page(tx, connection, state=state, before_id=before, limit=limit)
    )
    return [DeliveryOut.model_validate(row) for row in rows]
