"""WooCommerce's webhooks: who signed them, and what each topic means for the hub."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from pydantic import ValidationError

from connectors.contract import Delivery
from connectors.errors import UnreadableError
from connectors.kit.webhooks import body_id, verify_hmac
from connectors.woocommerce.forms import POOL, fields_of
from connectors.woocommerce.mapping import UNFINISHED, order_of
from connectors.woocommerce.order_schemas import WooOrder
from connectors.woocommerce.schemas import Shape, WooProduct
from domain.news import ListingNews, News, OrderChangedNews, OrderNews, StockNews

S = TypeVar("S", bound=Shape)

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored", "product.updated", "product.deleted")
PING = "ping"
TRIAL = re.compile(rb"webhook_id=\d{1,12}")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where a body carries no time: anything that carries one is newer."""


def identify(headers: Mapping[str, str], body: bytes) -> Delivery:
    """The delivery id is made of the webhook and the second, so two events can share one: the body tells them apart."""
    delivery = headers.get("x-wc-webhook-delivery-id", "")
    is_trial = TRIAL.fullmatch(body) is not None
    return Delivery(
        topic=PING if is_trial else headers.get("x-wc-webhook-topic", ""),
        event_id=f"{delivery}:{body_id(body)}" if delivery else body_id(body),
        headers=headers,
        body=body,
    )


def verify(delivery: Delivery, secrets: Iterable[str]) -> None:
    """The form that tries a new webhook out is not signed; it says nothing and is let in, so that it is no alarm."""
    if TRIAL.fullmatch(delivery.body) is None:
        verify_hmac(delivery.body, delivery.headers.get("x-wc-webhook-signature", ""), secrets)


def read(topic: str, body: bytes) -> tuple[News, ...] | None:
    reader = READERS.get(topic)
    return None if reader is None else reader(body)


class Named(Shape):
    """All that a webhook says of what was deleted."""

    id: int


def _parse(shape: type[S], body: bytes) -> S:
    """The body in this shape; the error names the first wrong field and repeats nothing of what was sent."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the whole body"
        text = f"{field}: {first['type']}"
    raise UnreadableError("WooCommerce sent what it does not document", text, field=field)


def _order(body: bytes) -> tuple[News, ...]:
    """Which units a refund took back is not in the body: then the order is asked for."""
    woo = _parse(WooOrder, body)
    if woo.status in UNFINISHED:
        return ()
    if woo.refunds:
        return (OrderChangedNews(order_external_id=str(woo.id), at=woo.date_modified_gmt),)
    return (OrderNews(order=order_of(woo)),)


def _changed(body: bytes) -> tuple[News, ...]:
    return (OrderChangedNews(order_external_id=str(_parse(Named, body).id), at=LONG_AGO),)


def _product(body: bytes) -> tuple[News, ...]:
    """A variation is told as a product with a parent."""
    product = _parse(WooProduct, body)
    told = ListingNews(
        external_id=str(product.parent_id or product.id),
        fields={} if product.parent_id else dict(fields_of(product)),
        amounts={} if product.is_variable else _prices(product),
    )
    if not product.counts_itself:
        return (told,)
    item = f"{product.parent_id}/{product.id}" if product.parent_id else str(product.id)
    return (
        told,
        StockNews(
            item_external_id=item,
            location_external_id=POOL,
            available=product.stock_quantity,
            at=product.date_modified_gmt or LONG_AGO,
        ),
    )


def _prices(product: WooProduct) -> dict[str, Decimal | None]:
    """As a listing has them: the price that holds, and the one that is struck out beside it."""
    regular, sale = (Decimal(text) if text else None for text in (product.regular_price, product.sale_price))
    place = f"variants/{product.sku}"
    return {f"{place}/price": sale or regular, f"{place}/compare_at": regular if sale else None} if product.sku else {}


def _gone(body: bytes) -> tuple[News, ...]:
    return (ListingNews(external_id=str(_parse(Named, body).id), is_gone=True),)


def _nothing(_body: bytes) -> tuple[News, ...]:
    return ()


READERS: Mapping[str, Callable[[bytes], tuple[News, ...]]] = {
    "order.created": _order,
    "order.updated": _order,
    "order.restored": _order,
    "order.deleted": _changed,
    "product.updated": _product,
    "product.deleted": _gone,
    **dict.fromkeys(("product.created", "product.restored", PING), _nothing),
}
