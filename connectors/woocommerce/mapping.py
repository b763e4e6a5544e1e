"""WooCommerce's orders in the hub's words; pure."""

import html
from collections.abc import Iterable, Mapping

from connectors.errors import UnreadableError
from connectors.woocommerce.forms import POOL
from connectors.woocommerce.order_schemas import WooAddress, WooLine, WooOrder, WooRefund
from domain.channel_order import (
    Address,
    BothMoney,
    Buyer,
    ChannelLine,
    ChannelOrder,
    ChannelTender,
    Delivery,
    Financial,
)
from domain.errors import DomainError
from domain.money import Money, money

UNFINISHED = frozenset({"auto-draft", "checkout-draft", "draft"})
"""Carts that nobody has bought yet."""
CANCELED = frozenset({"cancelled", "trash"})
ACCEPTED = frozenset({"processing", "completed"})
PICKUPS = frozenset({"local_pickup", "pickup_location"})


def order_of(woo: WooOrder, refunds: Iterable[WooRefund] = ()) -> ChannelOrder:
    """The whole snapshot; `refunds` tell which units were taken back. UnreadableError names what is wrong."""
    try:
        return _order(woo, _refunded_units(refunds))
    except DomainError as wrong:  # its text repeats what was sent, its code does not
        raise UnreadableError("WooCommerce sent an order that cannot be read", wrong.code, field=wrong.code) from None


def _order(woo: WooOrder, refunded: Mapping[str, int]) -> ChannelOrder:
    delivery = _delivery(woo)
    goods = sum(money(line.total or 0, woo.currency).amount_minor for line in woo.line_items)
    lines = tuple(_line(woo, line, refunded.get(str(line.id), 0)) for line in woo.line_items)
    return ChannelOrder(
        external_id=str(woo.id),
        number=woo.number or str(woo.id),
        placed_at=woo.date_created_gmt,
        updated_at=woo.date_modified_gmt,
        canceled_at=woo.date_modified_gmt if woo.status in CANCELED else None,
        source=woo.created_via,
        financial=_financial(woo),
        lines=lines,
        subtotal=_both(Money(amount_minor=goods, currency=woo.currency)),
        discounts=_amount(woo, woo.discount_total),
        shipping=_amount(woo, woo.shipping_total),
        tax=_amount(woo, woo.total_tax),
        total=_amount(woo, woo.total),
        tenders=_tenders(woo),
        delivery=delivery,
        pickup_location_external_id=_pickup_location(woo) if delivery == "pickup" else "",
        service=next((line.method_title for line in woo.shipping_lines), ""),
        ship_to=_address(woo),
        buyer=_buyer(woo),
        holds=("on_hold",) if woo.status == "on-hold" and woo.date_paid_gmt else (),
        shipped_externally=_shipped(woo, lines),
    )


def _refunded_units(refunds: Iterable[WooRefund]) -> dict[str, int]:
    units: dict[str, int] = {}
    for refund in refunds:
        for line in refund.line_items:
            units[line.refunded_line] = units.get(line.refunded_line, 0) + abs(line.quantity)
    return units


def _both(amount: Money) -> BothMoney:
    """An order is kept in one currency."""
    return BothMoney(shop=amount, presentment=amount)


def _amount(woo: WooOrder, text: str) -> BothMoney:
    return _both(money(text or 0, woo.currency))


def _line(woo: WooOrder, line: WooLine, refunded: int) -> ChannelLine:
    """Woo keeps a line's amount, not its price: the price is rounded up, and the discount takes what that adds."""
    subtotal, total = (
        money(text or 0, woo.currency).amount_minor for text in (line.subtotal or line.total, line.total)
    )
    price = -(-subtotal // line.quantity) if line.quantity else subtotal
    discount = price * line.quantity - total
    return ChannelLine(
        external_id=str(line.id),
        sku=line.sku,
        title=html.unescape(line.name),
        quantity=line.quantity,
        current_quantity=max(0, line.quantity - refunded),
        unit_price=_both(Money(amount_minor=price, currency=woo.currency)),
        discount=_both(Money(amount_minor=discount, currency=woo.currency)),
        tax=_amount(woo, line.total_tax),
        requires_shipping=woo.needs_processing is not False,
    )


def _financial(woo: WooOrder) -> Financial:
    """Woo has one status for money and goods; whether money came is told by its date.

    Processing without that date is an order to be paid on delivery: to be sent, not paid.
    """
    given_back = sum(tender.amount.amount_minor for tender in _tenders(woo) if tender.kind == "refunded")
    if woo.status == "refunded" or (given_back and given_back >= money(woo.total or 0, woo.currency).amount_minor):
        return "refunded"
    if given_back:
        return "partially_refunded"
    if woo.date_paid_gmt:
        return "paid"
    if woo.status in CANCELED:
        return "voided"
    return "authorized" if woo.status in ACCEPTED else "pending"


def _tenders(woo: WooOrder) -> tuple[ChannelTender, ...]:
    """The payment, and each refund with its own id; a list of orders does not say when a refund was."""
    if woo.date_paid_gmt is None:
        return ()
    method = woo.payment_method or "unknown"
    payment = ChannelTender(
        external_id=f"payment:{woo.id}",
        tender=method,
        kind="captured",
        amount=money(woo.total or 0, woo.currency),
        at=woo.date_paid_gmt,
    )
    refunds = (
        ChannelTender(
            external_id=str(entry.id),
            tender=method,
            kind="refunded",
            amount=money(entry.total.lstrip("-") or 0, woo.currency),
            at=woo.date_modified_gmt,
            parent_external_id=payment.external_id,
        )
        for entry in woo.refunds
    )
    return (payment, *refunds)


def _delivery(woo: WooOrder) -> Delivery:
    if woo.needs_processing is False and not woo.shipping_lines:
        return "none"
    return "pickup" if any(line.method_id in PICKUPS for line in woo.shipping_lines) else "ship"


def _pickup_location(woo: WooOrder) -> str:
    """The chosen pickup location by its number in the shop's settings; classic local pickup is at the shop itself."""
    chosen = next((line for line in woo.shipping_lines if line.method_id == "pickup_location"), None)
    return f"pickup_location:{chosen.instance_id}" if chosen else POOL


def _shipped(woo: WooOrder, lines: Iterable[ChannelLine]) -> tuple[tuple[str, int], ...]:
    """Woo counts no parcels: a completed order has been sent whole."""
    if woo.status != "completed":
        return ()
    return tuple((line.external_id, line.current_quantity) for line in lines if line.current_quantity)


def _address(woo: WooOrder) -> Address | None:
    """The billing address stands in where the shop ships to it and leaves the other empty."""
    given = woo.shipping if woo.shipping.address_1 else woo.billing
    if given == WooAddress():
        return None
    return Address(
        name=given.name,
        company=given.company,
        line1=given.address_1,
        line2=given.address_2,
        city=given.city,
        province=given.state,
        postal_code=given.postcode,
        country=given.country,
        phone=given.phone or woo.billing.phone,
    )


def _buyer(woo: WooOrder) -> Buyer:
    return Buyer(
        external_id=str(woo.customer_id) if woo.customer_id else "",
        name=woo.billing.name,
        email=woo.billing.email,
        phone=woo.billing.phone,
    )
