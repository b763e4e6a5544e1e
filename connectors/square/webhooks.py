"""Square's webhooks: who signed them, and what each type of event means for the hub."""

from collections.abc import Iterable, Mapping

from pydantic import AwareDatetime, ValidationError

from connectors.contract import Delivery
from connectors.errors import UnreadableError
from connectors.kit.webhooks import body_id, verify_hmac
from connectors.square.mapping import shown_of
from connectors.square.schemas import Count, Many, Shape, Text
from domain.news import News, SaleChangedNews

TYPES = ("inventory.count.updated", "order.created", "order.updated")


class Event(Shape):
    type: Text = ""
    event_id: Text = ""


class Moved(Shape):
    """All that an event says of an order."""

    order_id: str
    state: Text = ""
    updated_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None


class Told(Shape):
    order_created: Moved | None = None
    order_updated: Moved | None = None
    inventory_counts: Many[Count] = ()


class Data(Shape):
    object: Told


class Notice(Shape):
    created_at: AwareDatetime
    data: Data


def identify(headers: Mapping[str, str], body: bytes) -> Delivery:
    """Type and id of an event are in its body; retries send the same bytes."""
    try:
        event = Event.model_validate_json(body)
    except ValidationError:
        event = Event()
    return Delivery(topic=event.type, event_id=event.event_id or body_id(body), headers=headers, body=body)


def verify(delivery: Delivery, address: str, keys: Iterable[str]) -> None:
    """Square signs the address that it was told to notify, followed by the body."""
    verify_hmac(address.encode() + delivery.body, delivery.headers.get("x-square-hmacsha256-signature", ""), keys)


def read(topic: str, body: bytes) -> tuple[News, ...] | None:
    if topic not in TYPES:
        return None
    try:
        notice = Notice.model_validate_json(body)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the whole body"
        text = f"{field}: {first['type']}"
    else:
        return _news(notice)
    raise UnreadableError("Square sent what it does not document", text, field=field)


def _news(notice: Notice) -> tuple[News, ...]:
    """An order is only named: a finished one is asked for, any other says nothing yet."""
    told = notice.data.object
    moved = told.order_updated or told.order_created
    if moved is not None:
        at = moved.updated_at or moved.created_at or notice.created_at
        return (SaleChangedNews(external_id=moved.order_id, at=at),) if moved.state == "COMPLETED" else ()
    return tuple(news for count in told.inventory_counts if (news := shown_of(count)))
