"""What the facts and the clock demand of fulfillment orders before anything else: drop, recall, expire, give up."""

from collections import Counter
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.causes import RECALL_ASKS
from domain.order_state import FulfillmentOrder, OrderState

ASK_AGAIN = timedelta(hours=1)


class Corrections(Frozen):
    """Fulfillment order ids by what must happen to them, and the units per line that are given up or kept after all."""

    drop: tuple[str, ...] = ()
    recall: tuple[str, ...] = ()
    ask_again: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    give_up: tuple[tuple[str, int], ...] = ()
    keep: tuple[tuple[str, int], ...] = ()
    forget_waiting: bool = False

    def __bool__(self) -> bool:
        return self != NONE


NONE = Corrections()


def corrections(order: OrderState, now: datetime) -> Corrections:
    """Pure: the same facts at the same moment demand the same."""
    live = [f for f in order.fulfillment_orders if f.is_live]
    unwanted = [f for f in live if not f.recall and _is_unwanted(order, f)]
    late = [f for f in live if f.due_at and now >= f.due_at]
    return Corrections(
        drop=tuple(f.id for f in live if f.state == "planned" and (f in unwanted or f.recall)),
        recall=tuple(f.id for f in unwanted if f.state != "planned"),
        ask_again=tuple(f.id for f in late if f.recall == "asked" and f.recall_asks < RECALL_ASKS),
        silent=tuple(f.id for f in late if f.state == "sent" and not f.recall),
        expired=tuple(f.id for f in late if f.state == "ready" and not f.recall),
        give_up=_given_up(order, now),
        keep=_kept(order),
        forget_waiting=order.is_canceled and bool(order.waiting),
    )


def _is_unwanted(order: OrderState, f: FulfillmentOrder) -> bool:
    """Canceled, holds units that nobody wants any more, or goes to an address that no longer holds."""
    if order.is_canceled:
        return True
    if f.address_version < order.address_version and not f.is_pickup:
        return not any(unit.shipped for unit in f.lines)
    surplus = order.surplus()
    return any(surplus[(unit.line_id, unit.item_id)] > 0 and unit.quantity > unit.shipped for unit in f.lines)


def _given_up(order: OrderState, now: datetime) -> tuple[tuple[str, int], ...]:
    """Whole units of lines whose missing items were not found before their date."""
    units: Counter[str] = Counter()
    per_unit = {(line.line_id, item): n for line in order.lines for item, n in line.components}
    missing = {(d.line_id, d.item_id): d.quantity for d in order.open_demand()}
    for waiting in order.waiting:
        if waiting.quantity and now >= waiting.give_up_at:
            place = (waiting.line_id, waiting.item_id)
            short = min(waiting.quantity, missing.get(place, 0))
            units[waiting.line_id] = max(units[waiting.line_id], -(-short // per_unit.get(place, 1)))
    return tuple(sorted((line, n) for line, n in units.items() if n))


def _kept(order: OrderState) -> tuple[tuple[str, int], ...]:
    """Units that were canceled by line and are shipped after all, since the location refused the recall."""
    if order.is_canceled:
        return ()
    surplus = order.surplus()
    kept: Counter[str] = Counter()
    for f in order.fulfillment_orders:
        if f.recall == "refused" and f.is_live:
            for unit in f.lines:
                kept[unit.line_id] = max(kept[unit.line_id], min(surplus[(unit.line_id, unit.item_id)], unit.quantity))
    return tuple(sorted((line, n) for line, n in kept.items() if n > 0))
