"""Amazon's notifications: which kinds are read, and what they say."""

from pydantic import ValidationError

from connectors.amazon.schemas import AmazonNotification, AmazonOrderNotice, AmazonQuantityNotice
from connectors.amazon.stock import DEFAULT_PLACE
from connectors.contract import Delivery
from connectors.errors import UnreadableError
from connectors.kit.webhooks import body_id
from domain.news import News, OrderChangedNews, StockNews

KINDS = ("ORDER_CHANGE", "LISTINGS_ITEM_MFN_QUANTITY_CHANGE")


def delivery_of(body: bytes) -> Delivery:
    """The envelope names kind and event; a body without one is kept under its own hash and read later."""
    try:
        notice = AmazonNotification.model_validate_json(body)
    except ValidationError:
        return Delivery(topic="", event_id=body_id(body), headers={}, body=body)
    return Delivery(
        topic=notice.NotificationType,
        event_id=notice.NotificationMetadata.NotificationId or body_id(body),
        headers={},
        body=body,
        triggered_at=notice.EventTime,
    )


def read(topic: str, body: bytes) -> tuple[News, ...] | None:
    """Orders come thin and are fetched by id; source: https://developer-docs.amazon.com/sp-api/docs/notification-type-values."""
    if topic not in KINDS:
        return None
    try:
        notice = AmazonNotification.model_validate_json(body)
        return _order(notice) if topic == "ORDER_CHANGE" else _quantity(notice)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
    field = ".".join(map(str, first["loc"])) or "the whole body"
    raise UnreadableError("an Amazon notification cannot be read", f"{topic}: {field}: {first['type']}", field=field)


def _order(notice: AmazonNotification) -> tuple[News, ...]:
    told = AmazonOrderNotice.model_validate(notice.Payload)
    change = told.OrderChangeNotification
    at = change.OrderChangeTrigger.TimeOfOrderChange or notice.EventTime
    if at is None:
        raise UnreadableError("an Amazon notification names no time", field="EventTime")
    return (OrderChangedNews(order_external_id=change.AmazonOrderId, at=at),)


def _quantity(notice: AmazonNotification) -> tuple[News, ...]:
    told = AmazonQuantityNotice.model_validate(notice.Payload)
    if notice.EventTime is None:
        raise UnreadableError("an Amazon notification names no time", field="EventTime")
    return (
        StockNews(
            item_external_id=told.Sku,
            location_external_id=told.FulfillmentChannelCode or DEFAULT_PLACE,
            available=told.Quantity,
            at=notice.EventTime,
        ),
    )
