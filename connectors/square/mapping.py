"""Square's sales and counts in the hub's words; pure."""

from connectors.square.schemas import Count, PhysicalCount, SquareOrder
from connectors.square.stock import OURS
from domain.errors import DomainError
from domain.money import Money, exponent
from domain.news import PosSaleNews, SoldLine, StockCountNews, StockNews


def sale_of(order: SquareOrder) -> PosSaleNews | None:
    """A sale over the counter: paid, closed, and nothing to send or to keep for somebody; None for any other order.

    Lines without an item of the catalog (amounts typed in, tips, gift cards) move no stock.
    """
    at = order.closed_at or order.updated_at
    if order.state != "COMPLETED" or order.fulfillments or at is None or not order.location_id:
        return None
    lines = tuple(
        SoldLine(external_id=line.uid, item_external_id=line.catalog_object_id, quantity=units)
        for line in order.line_items
        if line.item_type in {"ITEM", ""} and line.catalog_object_id and line.uid and (units := line.gone)
    )
    if not lines:
        return None
    return PosSaleNews(
        external_id=order.id,
        number=order.ticket_name,
        location_external_id=order.location_id,
        lines=lines,
        total=_total(order),
        at=at,
    )


def _total(order: SquareOrder) -> Money | None:
    """None for a currency that does not exist: the goods are gone all the same."""
    total = order.total_money
    if total is None or total.amount is None:
        return None
    try:
        exponent(total.currency)
    except DomainError:
        return None
    return Money(amount_minor=total.amount, currency=total.currency)


def count_of(count: PhysicalCount) -> StockCountNews | None:
    """A count by the staff; None for our own, and for states other than being in stock."""
    if count.state != "IN_STOCK" or count.reference_id.startswith(OURS):
        return None
    units, at = count.whole, count.occurred_at
    if units is None or at is None or not count.id:
        return None
    return StockCountNews(
        key=f"square:{count.id}",
        item_external_id=count.catalog_object_id,
        location_external_id=count.location_id,
        on_hand=units,
        at=at,
    )


def shown_of(count: Count) -> StockNews | None:
    """What the till reckons now: by counts, sales, and our own changes; it informs."""
    if count.state != "IN_STOCK" or count.calculated_at is None or count.whole is None:
        return None
    return StockNews(
        item_external_id=count.catalog_object_id,
        location_external_id=count.location_id,
        available=count.whole,
        at=count.calculated_at,
    )
