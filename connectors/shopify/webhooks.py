"""Shopify's webhooks: who signed them, and what each topic means for the hub."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from connectors.contract import Delivery
from connectors.errors import UnreadableError
from connectors.kit.webhooks import body_id, verify_hmac
from connectors.shopify.mapping import Marks, amount_of, order_of, risk_of
from connectors.shopify.schemas import (
    Shape,
    ShopifyCustomer,
    ShopifyFulfillmentOrder,
    ShopifyOrder,
    ShopifyRefund,
    ShopifyTransaction,
    Text,
    Thing,
    Word,
    digits,
)
from domain.channel_order import ChannelTender
from domain.money import Money, money
from domain.news import (
    ErasureNews,
    ListingNews,
    News,
    OrderChangedNews,
    OrderNews,
    PaymentMovement,
    PaymentNews,
    RefundNews,
    ReturnChangedNews,
    RiskNews,
    StockNews,
)

S = TypeVar("S", bound=Shape)

SUBSCRIBED = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_CANCELLED",
    "ORDERS_RISK_ASSESSMENT_CHANGED",
    "REFUNDS_CREATE",
    "FULFILLMENT_ORDERS_PLACED_ON_HOLD",
    "FULFILLMENT_ORDERS_HOLD_RELEASED",
    "RETURNS_REQUEST",
    "RETURNS_APPROVE",
    "RETURNS_DECLINE",
    "RETURNS_CANCEL",
    "RETURNS_CLOSE",
    "RETURNS_REOPEN",
    "RETURNS_UPDATE",
    "RETURNS_PROCESS",
    "INVENTORY_LEVELS_UPDATE",
    "PRODUCTS_UPDATE",
    "PRODUCTS_DELETE",
)
"""Every change of an order also comes as `orders/updated`; the topics that only repeat it are read, not asked for."""

SUBSCRIBED_WITH: Mapping[str, tuple[str, ...]] = {
    "read_shopify_payments_disputes": ("DISPUTES_CREATE", "DISPUTES_UPDATE"),
}
"""What only shops have that Shopify pays out itself."""

WORK = "gid://shopify/FulfillmentOrder/"

TIME: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


def identify(headers: Mapping[str, str], body: bytes) -> Delivery:
    """Topic and ids are headers; retries carry the same webhook id, topics of one event the same event id."""
    event_id = headers.get("x-shopify-webhook-id") or headers.get("x-shopify-event-id") or body_id(body)
    return Delivery(
        topic=headers.get("x-shopify-topic", ""),
        event_id=event_id,
        headers=headers,
        body=body,
        triggered_at=_time(headers.get("x-shopify-triggered-at")),
    )


def _time(text: str | None) -> datetime | None:
    try:
        return TIME.validate_python(text)
    except ValidationError:
        return None


def verify(delivery: Delivery, secrets: Iterable[str]) -> None:
    """Any of the secrets may have signed: after a rotation the old one still does for up to an hour."""
    verify_hmac(delivery.body, delivery.headers.get("x-shopify-hmac-sha256", ""), secrets)


def read(topic: str, body: bytes, marks: Marks = Marks()) -> tuple[News, ...] | None:  # noqa: B008 immutable
    if topic in ORDERS:
        return _order(body, marks)
    reader = READERS.get(topic)
    return None if reader is None else reader(body)


def parse(shape: type[S], body: bytes) -> S:
    """The body in this shape; the error names the first wrong field and repeats nothing of what was sent."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the whole body"
        raise UnreadableError(
            "Shopify sent what it does not document", f"{field}: {first['type']}", field=field
        ) from None


class Edit(Shape):
    order_id: Any = None
    committed_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None


class Edited(Shape):
    order_edit: Edit


class Judged(Shape):
    order_id: Any = None
    admin_graphql_api_order_id: Text = ""
    risk_level: Word = ""
    created_at: AwareDatetime | None = None


class Held(Shape):
    fulfillment_order: ShopifyFulfillmentOrder


class Moved(Thing):
    order_id: Any = None
    created_at: AwareDatetime | None = None


class Level(Shape):
    inventory_item_id: Any = None
    location_id: Any = None
    available: int | None = None
    updated_at: AwareDatetime
    admin_graphql_api_id: Text = ""


class Dispute(Thing):
    order_id: Any = None
    type: Word = ""
    status: Word = ""
    reason: Word = ""
    amount: Text
    currency: Text
    initiated_at: AwareDatetime
    finalized_on: AwareDatetime | None = None


class ToldVariant(Shape):
    sku: Text = ""
    price: Decimal | None = None
    compare_at_price: Decimal | None = None


class ToldProduct(Thing):
    title: Text = ""
    body_html: Text = ""
    vendor: Text = ""
    product_type: Text = ""
    handle: Text = ""
    tags: Text = ""
    variants: tuple[ToldVariant, ...] = ()


class Forget(Shape):
    customer: ShopifyCustomer = ShopifyCustomer()
    orders_to_redact: tuple[Any, ...] = ()


def _order(body: bytes, marks: Marks) -> tuple[News, ...]:
    """What a body does not tell of the delivery is asked for: the store of a pickup, and whether it is one at all.

    Both are taken in one step, so that nothing is decided in between.
    """
    order = order_of(parse(ShopifyOrder, body), marks)
    news = OrderNews(order=order)
    is_open = order.canceled_at is None
    may_be_pickup = order.delivery is None and is_open and (order.ship_to is None or not order.service)
    if may_be_pickup or (order.delivery == "pickup" and not order.pickup_location_external_id):
        return news, OrderChangedNews(order_external_id=order.external_id, at=order.updated_at)
    return (news,)


def _edited(body: bytes) -> tuple[News, ...]:
    edit = parse(Edited, body).order_edit
    return _changed(digits(edit.order_id), edit.committed_at or edit.created_at)


def _transaction(body: bytes) -> tuple[News, ...]:
    moved = parse(Moved, body)
    return _changed(digits(moved.order_id), moved.created_at)


def _changed(order: str, at: datetime | None) -> tuple[News, ...]:
    return (OrderChangedNews(order_external_id=order, at=at or LONG_AGO),) if order else ()


def _refund(body: bytes) -> tuple[News, ...]:
    refund = parse(ShopifyRefund, body)
    given_back = [entry for entry in refund.transactions if entry.kind == "refund" and entry.status == "success"]
    movements = [_movement(refund, entry, amount) for entry in given_back if (amount := _amount(entry))]
    order = digits(refund.order_id)
    news = RefundNews(
        order_external_id=order,
        external_id=refund.external_id,
        reference=refund.note,
        movements=tuple(movements),
        at=refund.created_at,
    )
    if len(movements) < len(given_back):  # a body that leaves the currency out: the order tells it
        return news, OrderChangedNews(order_external_id=order, at=refund.created_at)
    return (news,)


def _movement(refund: ShopifyRefund, entry: ShopifyTransaction, amount: Money) -> ChannelTender:
    return ChannelTender(
        external_id=entry.external_id or refund.external_id,
        tender=entry.gateway,
        kind="refunded",
        amount=amount,
        at=entry.created_at or refund.created_at,
        parent_external_id=digits(entry.parent_id),
    )


def _amount(entry: Any) -> Money | None:
    return amount_of(entry, entry.currency or "") if entry.amount_set or entry.currency else None


def _dispute(body: bytes) -> tuple[News, ...]:
    """The bank asks, or takes the money back; which payment of the order it was is not in the body."""
    told = parse(Dispute, body)
    order = digits(told.order_id)
    kind = (INQUIRIES if told.type == "inquiry" else CHARGEBACKS).get(told.status)
    if kind is None or not order:
        return ()
    return (
        PaymentNews(
            kind=kind,
            order_external_id=order,
            external_id=told.external_id,
            amount=money(told.amount, told.currency),
            reason=told.reason,
            at=told.finalized_on or told.initiated_at,
        ),
    )


def _risk(body: bytes) -> tuple[News, ...]:
    judged = parse(Judged, body)
    order = digits(judged.admin_graphql_api_order_id) or digits(judged.order_id)
    at = judged.created_at or LONG_AGO
    return (RiskNews(order_external_id=order, risk=risk_of([judged.risk_level]), at=at),) if order else ()


def _hold(body: bytes) -> tuple[News, ...]:
    """Neither the order nor a time is in the body: the order is asked for by its fulfillment order's global id."""
    work = digits(parse(Held, body).fulfillment_order.id)
    return _changed(f"{WORK}{work}", None) if work else ()


def _level(body: bytes) -> tuple[News, ...]:
    level = parse(Level, body)
    exact = level.admin_graphql_api_id.rpartition("inventory_item_id=")[2]
    return (
        StockNews(
            item_external_id=digits(exact) or digits(level.inventory_item_id),
            location_external_id=digits(level.location_id),
            available=level.available,
            at=level.updated_at,
        ),
    )


def _product(body: bytes) -> tuple[News, ...]:
    """Any change of a product is told by it, its stock too; prices come without their currency."""
    told = parse(ToldProduct, body)
    fields = {
        "title": told.title, "descriptionHtml": told.body_html, "vendor": told.vendor,
        "productType": told.product_type, "handle": told.handle,
        "tags": [tag for tag in (part.strip() for part in told.tags.split(",")) if tag],
    }  # fmt: skip
    amounts = {
        f"variants/{one.sku}/{name}": amount
        for one in told.variants
        for name, amount in (("price", one.price), ("compare_at", one.compare_at_price))
        if one.sku
    }
    return (ListingNews(external_id=told.external_id, fields=fields, amounts=amounts),) if told.external_id else ()


def _product_gone(body: bytes) -> tuple[News, ...]:
    gone = parse(Thing, body).external_id
    return (ListingNews(external_id=gone, is_gone=True),) if gone else ()


def _forget(body: bytes) -> tuple[News, ...]:
    wish = parse(Forget, body)
    orders = tuple(digits(order) for order in wish.orders_to_redact)
    return (
        ErasureNews(buyer_external_id=wish.customer.external_id, email=wish.customer.email, order_external_ids=orders),
    )


def _return(body: bytes) -> tuple[News, ...]:
    """Most bodies hold a status without lines, some only the id: the shop is asked, so late ones say nothing wrong."""
    told = parse(Thing, body)
    return (ReturnChangedNews(external_id=told.external_id),) if told.external_id else ()


def _nothing(_body: bytes) -> tuple[News, ...]:
    return ()


LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
"""Stands where a body carries no time: anything that carries one is newer."""

ORDERS = frozenset(
    {
        "orders/create",
        "orders/updated",
        "orders/paid",
        "orders/cancelled",
        "orders/fulfilled",
        "orders/partially_fulfilled",
    }
)
"""Topics whose body is an order."""

INQUIRIES: Mapping[str, PaymentMovement] = {
    "needs_response": "inquiry_opened",
    "under_review": "inquiry_opened",
    "won": "inquiry_closed",
    "lost": "inquiry_closed",
    "accepted": "inquiry_closed",
}
"""They move no money."""

CHARGEBACKS: Mapping[str, PaymentMovement] = {
    "needs_response": "dispute_opened",
    "under_review": "dispute_opened",
    "won": "dispute_won",
    "lost": "dispute_lost",
    "accepted": "dispute_lost",
}
"""`charge_refunded` ends one by a refund, which is told by itself; `prevented` took nothing."""

READERS: Mapping[str, Callable[[bytes], tuple[News, ...]]] = {
    "orders/edited": _edited,
    "orders/risk_assessment_changed": _risk,
    "order_transactions/create": _transaction,
    "refunds/create": _refund,
    **dict.fromkeys(("disputes/create", "disputes/update"), _dispute),
    "fulfillment_orders/placed_on_hold": _hold,
    **dict.fromkeys(
        (
            "returns/request",
            "returns/approve",
            "returns/decline",
            "returns/cancel",
            "returns/close",
            "returns/reopen",
            "returns/update",
            "returns/process",
        ),
        _return,
    ),
    "fulfillment_orders/hold_released": _hold,
    "inventory_levels/update": _level,
    "products/update": _product,
    "products/delete": _product_gone,
    "customers/redact": _forget,
    **dict.fromkeys(
        (
            "orders/delete",
            "fulfillments/create",
            "fulfillments/update",
            "customers/data_request",
            "shop/redact",
            "app/uninstalled",
            "app/scopes_update",
        ),
        _nothing,
    ),
}
