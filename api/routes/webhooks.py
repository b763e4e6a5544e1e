"""Deliveries from platforms: verified and kept before they are answered, read later."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from api.deps import hub_of
from api.errors import ProblemError
from api.metrics import WEBHOOK_ANSWERS
from connectors.contract import ReceivesWebhooks
from connectors.errors import ForgedDeliveryError
from db import forged, inbox
from db.inbox import Arrived

router = APIRouter(tags=["webhooks"])


@router.post(
    "/webhooks/{connection}",
    status_code=200,
    response_class=Response,
    responses={
        200: {"description": "Kept; a copy of what is kept already is answered alike"},
        401: {"description": "The signature does not fit the bytes"},
        413: {"description": "The body is too large"},
    },
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": {}}}, "required": True}},
)
async def receive(connection: str, request: Request) -> Response:
    """Keep a delivery. Nothing of it is parsed here: what it says is read after the answer, and shown under deliveries."""
    started = time.perf_counter()
    hub = hub_of(request)
    connector = await hub.connector(connection)
    if not isinstance(connector, ReceivesWebhooks):
        raise ProblemError(404, "no_webhooks", f"{connection} receives no webhooks")
    body = await request.body()
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
    received_at = datetime.now(UTC)
    delivery = connector.identify(headers, body)
    try:
        connector.verify(delivery)
    except ForgedDeliveryError:
        await hub.database.write(lambda tx: forged.count(tx, connection, received_at))
        WEBHOOK_ANSWERS.labels("forged").observe(time.perf_counter() - started)
        raise ProblemError(401, "forged_delivery", "the signature does not fit; compare the webhook secret") from None
    arrived = Arrived(connection, delivery.topic, delivery.event_id, body, delivery.triggered_at)
    is_new = await hub.database.write(lambda tx: inbox.store(tx, hub.keys, arrived, received_at))
    WEBHOOK_ANSWERS.labels("stored" if is_new else "duplicate").observe(time.perf_counter() - started)
    return Response(status_code=200)
