"""Shopify's orders in the hub's words; pure."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import NamedTuple, get_args

from connectors.errors import UnreadableError
from connectors.shopify.schemas import (
    ShopifyAddress,
    ShopifyLine,
    ShopifyMoneySet,
    ShopifyOrder,
    ShopifyTransaction,
    digits,
)
from domain.channel_order import (
    Address,
    BothMoney,
    Buyer,
    ChannelLine,
    ChannelOrder,
    ChannelTender,
    Delivery,
    Financial,
    Risk,
    TenderKind,
)
from domain.errors import DomainError
from domain.money import Money, money

GRAMS = {"grams": 1.0, "kilograms": 1000.0, "ounces": 28.349523125, "pounds": 453.59237}
TENDERS: dict[str, TenderKind] = {
    "authorization": "authorized",
    "emv_authorization": "authorized",
    "capture": "captured",
    "sale": "captured",
    "refund": "refunded",
    "void": "voided",
}
RISKS: tuple[Risk, ...] = ("none", "low", "medium", "high")


class Marks(NamedTuple):
    """How a shop writes down what Shopify has no field for."""

    promised_on: str = "delivery_date"
    """The order attribute (`note_attributes`) with the promised day, as ISO date."""
    ship_complete: str = "ship-complete"
    """The tag of orders that may only leave complete."""


def order_of(shopify: ShopifyOrder, marks: Marks = Marks()) -> ChannelOrder:  # noqa: B008 immutable
    """The whole snapshot; `subtotal` is after discounts, as Shopify counts it. UnreadableError names what is wrong."""
    try:
        order = _order(shopify)
    except DomainError as wrong:  # its text repeats what was sent, its code does not
        raise UnreadableError("Shopify sent an order that cannot be read", wrong.code, field=wrong.code) from None
    complete = marks.ship_complete.lower() in {tag.lower() for tag in order.tags}
    return order.model_copy(update={"promised_on": _promised(shopify, marks), "ship_complete": complete})


def _promised(shopify: ShopifyOrder, marks: Marks) -> date | None:
    """What the shop noted, else the last day that Shopify itself told the buyer; a note that is no date says nothing."""
    noted = (each.value for each in shopify.note_attributes if each.name.lower() == marks.promised_on.lower())
    with suppress(ValueError):
        return date.fromisoformat(next(noted, "")[:10])
    methods = (work.delivery for work in shopify.fulfillment_orders or () if work.delivery)
    return max((method.until.date() for method in methods if method.until), default=None)


def _order(shopify: ShopifyOrder) -> ChannelOrder:
    if not shopify.external_id:
        raise UnreadableError("Shopify sent an order without an id", field="id")
    delivery = _delivery(shopify)
    return ChannelOrder(
        external_id=shopify.external_id,
        number=shopify.name or shopify.external_id,
        placed_at=shopify.created_at,
        updated_at=shopify.updated_at,
        canceled_at=shopify.cancelled_at,
        source=shopify.source_name,
        financial=_financial(shopify.financial_status),
        lines=tuple(_line(shopify, line) for line in shopify.line_items),
        subtotal=_both(shopify, shopify.subtotal_price_set, shopify.subtotal_price),
        discounts=_both(shopify, shopify.total_discounts_set, shopify.total_discounts),
        shipping=_both(shopify, shopify.total_shipping_price_set),
        tax=_both(shopify, shopify.total_tax_set, shopify.total_tax),
        total=_both(shopify, shopify.total_price_set, shopify.total_price),
        tenders=_tenders(shopify),
        delivery=delivery,
        pickup_location_external_id=_pickup_location(shopify) if delivery == "pickup" else "",
        service=next((line.title or line.code for line in shopify.shipping_lines), ""),
        ship_to=_address(shopify.shipping_address),
        buyer=_buyer(shopify),
        tags=shopify.tags,
        risk=risk_of(judged.level for judged in shopify.risk.assessments) if shopify.risk else None,
        holds=_holds(shopify),
        shipped_externally=_shipped(shopify),
        is_test=shopify.test,
    )


def _financial(status: str) -> Financial:
    """An order that tells no status, or one that we do not know, has not been paid yet as far as we can see."""
    known: tuple[Financial, ...] = get_args(Financial)
    return next((word for word in known if word == status), "pending")


def _holds(shopify: ShopifyOrder) -> tuple[str, ...] | None:
    """A webhook's body does not tell them."""
    if shopify.fulfillment_orders is None:
        return None
    return tuple(hold.reason for work in shopify.fulfillment_orders for hold in work.holds)


def risk_of(levels: Iterable[str]) -> Risk:
    """The worst of several judgments; a pending one is none yet."""
    return max((risk for level in levels for risk in RISKS if risk == level), key=RISKS.index, default="none")


def _both(shopify: ShopifyOrder, price: ShopifyMoneySet | None, plain: Decimal | None = None) -> BothMoney:
    """Both currencies; older bodies hold one plain amount in the shop's, and some none at all."""
    if price is None:
        only = money(plain or 0, shopify.currency)
        presentment = shopify.presentment_currency or shopify.currency
        return BothMoney(shop=only, presentment=only if presentment == shopify.currency else money(0, presentment))
    return both(price)


def both(price: ShopifyMoneySet) -> BothMoney:
    shop, presentment = price.shop_money, price.presentment_money
    return BothMoney(
        shop=money(shop.amount, shop.currency_code),
        presentment=money(presentment.amount, presentment.currency_code),
    )


def _sum(shopify: ShopifyOrder, prices: Iterable[ShopifyMoneySet | None]) -> BothMoney:
    known = [both(price) for price in prices if price is not None]
    none = _both(shopify, None)
    return BothMoney(
        shop=_add(none.shop, [price.shop for price in known]),
        presentment=_add(none.presentment, [price.presentment for price in known]),
    )


def _add(none: Money, amounts: list[Money]) -> Money:
    currency = amounts[0].currency if amounts else none.currency
    return Money(amount_minor=sum(amount.amount_minor for amount in amounts), currency=currency)


def _line(shopify: ShopifyOrder, line: ShopifyLine) -> ChannelLine:
    shares = [share.amount_set for share in line.discount_allocations]
    return ChannelLine(
        external_id=line.external_id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        current_quantity=line.quantity if line.current_quantity is None else line.current_quantity,
        unit_price=_both(shopify, line.price_set, line.price),
        discount=_sum(shopify, shares or [line.total_discount_set]),
        tax=_sum(shopify, (tax.price_set for tax in line.tax_lines)),
        weight_g=_grams(line),
        requires_shipping=line.requires_shipping is not False,
    )


def _grams(line: ShopifyLine) -> int:
    if line.weight is not None:
        return round(line.weight.value * GRAMS.get(line.weight.unit, 1.0))
    return line.grams or 0


def _tenders(shopify: ShopifyOrder) -> tuple[ChannelTender, ...]:
    """Webhook bodies hold only the refunds' movements; asking for the order gives them all."""
    given_back = [entry for refund in shopify.refunds for entry in refund.transactions]
    moved = (tender_of(shopify, entry) for entry in shopify.transactions or given_back)
    return tuple(tender for tender in moved if tender)


def tender_of(shopify: ShopifyOrder, entry: ShopifyTransaction) -> ChannelTender | None:
    """One movement in the buyer's currency; None for kinds that move no money, and while one is pending."""
    kind = TENDERS.get(entry.kind)
    amount = amount_of(entry, shopify.presentment_currency or shopify.currency)
    if kind is None or amount is None or entry.status not in {"success", "failure", "error"}:
        return None
    return ChannelTender(
        external_id=entry.external_id,
        tender=entry.gateway,
        kind=kind if entry.status == "success" else "failed",
        amount=amount,
        at=entry.created_at or shopify.updated_at,
        parent_external_id=entry.parent.external_id if entry.parent else digits(entry.parent_id),
    )


def amount_of(entry: ShopifyTransaction, currency: str) -> Money | None:
    """What moved, in the currency it moved in; the order's where the entry names none."""
    if entry.amount_set:
        return both(entry.amount_set).presentment
    return None if entry.amount is None else money(entry.amount, entry.currency or currency)


def _delivery(shopify: ShopifyOrder) -> Delivery | None:
    """Certain only in an answer; a webhook tells a pickup through the shipping line, where it does at all."""
    if all(line.requires_shipping is False for line in shopify.line_items):
        return "none"
    methods = {work.delivery.method for work in shopify.fulfillment_orders or () if work.delivery}
    categories = {line.delivery_category for line in shopify.shipping_lines}
    if "pick_up" in methods | categories:
        return "pickup"
    return None if shopify.fulfillment_orders is None else "ship"


def _pickup_location(shopify: ShopifyOrder) -> str:
    picked = (work for work in shopify.fulfillment_orders or () if work.delivery and work.delivery.method == "pick_up")
    assigned = (work.assigned.location.external_id for work in picked if work.assigned and work.assigned.location)
    return next(assigned, digits(shopify.location_id))


def _address(given: ShopifyAddress | None) -> Address | None:
    if given is None:
        return None
    return Address(
        name=given.name,
        company=given.company,
        line1=given.address1,
        line2=given.address2,
        city=given.city,
        province=given.province,
        postal_code=given.zip,
        country=given.country_code,
        phone=given.phone,
        latitude=given.latitude,
        longitude=given.longitude,
    )


def _buyer(shopify: ShopifyOrder) -> Buyer:
    customer = shopify.customer
    if customer is None:
        return Buyer(email=shopify.email, phone=shopify.phone)
    return Buyer(
        external_id=customer.external_id,
        name=customer.name or f"{customer.first_name} {customer.last_name}".strip(),
        email=shopify.email or customer.email,
        phone=shopify.phone or customer.phone,
    )


def _shipped(shopify: ShopifyOrder) -> tuple[tuple[str, int], ...]:
    """Units that Shopify counts as sent, whoever sent them; canceled shipments do not count."""
    units: dict[str, int] = {}
    for line in shopify.line_items:
        if line.unfulfilled_quantity is not None and line.current_quantity is not None:
            units[line.external_id] = max(0, line.current_quantity - line.unfulfilled_quantity)
    for shipment in shopify.fulfillments:
        if shipment.status == "success":
            for line in shipment.line_items:
                units[line.external_id] = units.get(line.external_id, 0) + line.quantity
    return tuple((line, sent) for line, sent in units.items() if sent)
