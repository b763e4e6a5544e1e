"""Orders by phone, at the counter and from files."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from sqlalchemy import Connection

from api.auth import Support
from api.deps import HubDep, Now
from api.schemas.order_entry import OrderIn, TakenOut
from db import audit, manual_orders
from db.idempotency import Answer, once

router = APIRouter(prefix="/orders", tags=["orders"])


@router.post("", status_code=201, response_model=TakenOut)
async def create_order(
    order: OrderIn,
    request: Request,
    hub: HubDep,
    caller: Support,
    now: Now,
    idempotency_key: Annotated[str, Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")],
) -> Response:
    """Make an order once: the same key with the same body gives the same answer, with another body a conflict."""
    body = await request.body()
    snapshot = order.channel_order(f"{caller.name} {idempotency_key}", now)

    def work(tx: Connection) -> Answer:
        return once(tx, caller.name, idempotency_key, body, now, lambda: make(tx))

    def make(tx: Connection) -> Answer:
        order_id = manual_orders.take(tx, hub.vault, snapshot, by=caller.name, now=now)
        audit.record(tx, caller, "order.create", order_id, now=now, after={"lines": len(order.lines)})
        return Answer(201, TakenOut(order_id=order_id, number=snapshot.number).model_dump_json().encode())

    answer = await hub.database.write(work)
    return Response(answer.body, answer.status, media_type="application/json")
