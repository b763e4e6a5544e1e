"""Amazon's orders in the hub's words; pure."""

from collections.abc import Iterable

from connectors.amazon.schemas import AmazonAddress, AmazonItem, AmazonMoney, AmazonOrder, AmazonPackage, AmazonProceeds
from connectors.contract import ShownShipment
from connectors.errors import UnreadableError
from domain.channel_order import Address, BothMoney, Buyer, ChannelLine, ChannelOrder, ChannelTender
from domain.errors import DomainError
from domain.money import Money, money

PENDING = {"PENDING", "PENDING_AVAILABILITY"}
TENDER = "amazon"
"""Amazon takes the money and pays the seller; there is nothing to capture, and no call that refunds."""
BUYER_WANTS_CANCEL = "buyer_requested_cancel"


def order_of(amazon: AmazonOrder) -> ChannelOrder:
    """The whole snapshot; UnreadableError names what is wrong."""
    try:
        return _order(amazon)
    except DomainError as wrong:  # its text repeats what was sent, its code does not
        raise UnreadableError("Amazon sent an order that cannot be read", wrong.code, field=wrong.code) from None


def _order(amazon: AmazonOrder) -> ChannelOrder:
    currency = _currency(amazon)
    is_canceled = amazon.fulfillment.fulfillment_status == "CANCELLED"
    total = _money(amazon.proceeds.total if amazon.proceeds else None, currency)
    lines = tuple(_line(item, currency, is_canceled=is_canceled) for item in amazon.order_items)
    return ChannelOrder(
        external_id=amazon.order_id,
        number=amazon.order_id,
        placed_at=amazon.created_time,
        updated_at=amazon.last_updated_time,
        canceled_at=amazon.last_updated_time if is_canceled else None,
        source=amazon.sales_channel.marketplace_name or amazon.sales_channel.channel_name,
        financial="voided" if is_canceled else "paid",
        lines=lines,
        subtotal=_both(_part(amazon.proceeds, "ITEM", currency)),
        discounts=_both(_part(amazon.proceeds, "DISCOUNT", currency)),
        shipping=_both(_part(amazon.proceeds, "SHIPPING", currency)),
        tax=_both(_part(amazon.proceeds, "TAX", currency)),
        total=_both(total),
        tenders=() if is_canceled else (_captured(amazon, total),),
        service=amazon.fulfillment.fulfillment_service_level,
        ship_to=_address(amazon.recipient.delivery_address) if amazon.recipient else None,
        buyer=Buyer(name=amazon.buyer.buyer_name, email=amazon.buyer.buyer_email) if amazon.buyer else Buyer(),
        holds=tuple(dict.fromkeys(_holds(amazon.order_items))),
        shipped_externally=tuple(
            (item.order_item_id, item.fulfillment.quantity_fulfilled)
            for item in amazon.order_items
            if item.fulfillment and item.fulfillment.quantity_fulfilled
        ),
    )


def _currency(amazon: AmazonOrder) -> str:
    """The first amount's: an order has one currency, that of its marketplace."""
    prices = (item.product.price.unit_price for item in amazon.order_items if item.product.price)
    totals = [amazon.proceeds.total if amazon.proceeds else None, *prices]
    known = next((amount.currency_code for amount in totals if amount), "")
    if not known:
        raise UnreadableError("Amazon sent an order without any price", field="proceeds")
    return known


def _captured(amazon: AmazonOrder, total: Money) -> ChannelTender:
    return ChannelTender(
        external_id=f"{amazon.order_id}:sale",
        tender=TENDER,
        kind="captured",
        amount=total,
        at=amazon.created_time,
    )


def _line(item: AmazonItem, currency: str, *, is_canceled: bool) -> ChannelLine:
    unit = item.product.price.unit_price if item.product.price else None
    is_gone = is_canceled or bool(item.cancellation and item.cancellation.cancellation_execution)
    shipped = item.fulfillment.quantity_fulfilled or 0 if item.fulfillment else 0
    return ChannelLine(
        external_id=item.order_item_id,
        sku=item.product.seller_sku,
        title=item.product.title,
        quantity=item.quantity_ordered,
        current_quantity=shipped if is_gone else item.quantity_ordered,
        unit_price=_both(_money(unit, currency)),
        discount=_both(_part(item.proceeds, "DISCOUNT", currency)),
        tax=_both(_part(item.proceeds, "TAX", currency)),
    )


def _holds(items: Iterable[AmazonItem]) -> Iterable[str]:
    """A buyer who asked to cancel is not to be sent anything until somebody has decided."""
    for item in items:
        asked = item.cancellation and item.cancellation.cancellation_request
        done = item.cancellation and item.cancellation.cancellation_execution
        if asked and not done:
            yield BUYER_WANTS_CANCEL


def _part(proceeds: AmazonProceeds | None, kind: str, currency: str) -> Money:
    parts = [each.subtotal for each in proceeds.breakdowns if each.type == kind] if proceeds else []
    return Money(amount_minor=sum(abs(_money(part, currency).amount_minor) for part in parts), currency=currency)


def _money(amount: AmazonMoney | None, currency: str) -> Money:
    return money(amount.amount, amount.currency_code) if amount else Money(amount_minor=0, currency=currency)


def _both(amount: Money) -> BothMoney:
    return BothMoney(shop=amount, presentment=amount)


def _address(given: AmazonAddress | None) -> Address | None:
    if given is None:
        return None
    return Address(
        name=given.name,
        company=given.company_name,
        line1=given.address_line1,
        line2=", ".join(filter(None, (given.address_line2, given.address_line3))),
        city=given.city,
        province=given.state_or_region,
        postal_code=given.postal_code,
        country=given.country_code,
        phone=given.phone,
    )


def shown_shipment(package: AmazonPackage) -> ShownShipment:
    return ShownShipment(
        external_id=package.package_reference_id,
        tracking_number=package.tracking_number,
        carrier=package.carrier,
        status=str(package.package_status.get("status") or ""),
    )
