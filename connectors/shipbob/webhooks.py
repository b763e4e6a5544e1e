"""ShipBob's webhooks: which topics are read, and what they say."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import ValidationError

from connectors.contract import Delivery
from connectors.errors import UnreadableError
from connectors.kit.webhooks import body_id
from connectors.shipbob import mapping
from connectors.shipbob.schemas import ANY_JSON, ShipBobOrder, ShipBobShipment
from domain.news import FulfillmentNews, News

TOPICS = (
    "order.shipped",
    "order.shipment.delivered",
    "order.shipment.exception",
    "order.shipment.on_hold",
    "order.shipment.cancelled",
)


def identify(headers: Mapping[str, str], body: bytes) -> Delivery:
    """`webhook-id` stays the same over retries; source: https://developer.shipbob.com/webhooks."""
    return Delivery(
        topic=headers.get("x-webhook-topic", ""),
        event_id=headers.get("webhook-id") or body_id(body),
        headers=headers,
        body=body,
        triggered_at=_moment(headers.get("webhook-timestamp", "")),
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def read(topic: str, body: bytes) -> tuple[News, ...] | None:
    """The state in the body counts, not the topic: late deliveries then say nothing wrong.

    Bodies are a shipment or an order with shipments, bare or under `data`; ShipBob publishes no schema for them.
    """
    if topic not in TOPICS:
        return None
    try:
        content = ANY_JSON.validate_json(body)
    except ValidationError:
        raise UnreadableError("a ShipBob webhook is no JSON", f"{topic}: the body is no JSON") from None
    if isinstance(content, dict) and isinstance(content.get("data"), dict):
        content = content["data"]
    is_order = isinstance(content, dict) and "shipments" in content
    try:
        parcels = (
            ShipBobOrder.model_validate(content).shipments if is_order else (ShipBobShipment.model_validate(content),)
        )
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
    else:
        return tuple(FulfillmentNews(report=report) for one in parcels for report in mapping.shipment_reports(one))
    field = ".".join(map(str, first["loc"])) or "the whole body"
    raise UnreadableError("a ShipBob webhook cannot be read", f"{topic}: {field}: {first['type']}", field=field)
