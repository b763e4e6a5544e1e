"""What the facts and the clock demand of fulfillment orders before anything else: drop, recall, expire, give up."""

from collections import Counter
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.causes import RECALL_ASKS
from domain.order_state import FOR_STOCK, FulfillmentOrder, OrderState

ASK_AGAIN = timedelta(hours=1)


class Corrections(Frozen):
    """Fulfillment order ids by what must happen to them, and the units per line that are given up, kept after all, or told."""

    drop: tuple[str, ...] = ()
    recall: tuple[str, ...] = ()
    ask_again: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    give_up: tuple[tuple[str, int], ...] = ()
    keep: tuple[tuple[str, int], ...] = ()
    forget_waiting: tuple[str, ...] = ()
    tell_canceled: tuple[tuple[str, int], ...] = ()
    settle_money: bool = False

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
        silent=tuple(f.id for f in late if f.state == "sent" and not f.recall and not f.has_begun_to_ship),
        expired=tuple(f.id for f in late if f.state == "ready" and not f.recall),
        give_up=_given_up(order, now),
        keep=_kept(order),
        forget_waiting=_no_longer_waiting(order),
        tell_canceled=_canceled_for_good(order),
        settle_money=_money_is_left(order),
    )


def _money_is_left(order: OrderState) -> bool:
    """No more will ship: what is authorized for it is not needed, and what was captured for it goes back."""
    if order.money_settled or order.is_shadow or not order.no_more_ships:
        return False
    if order.has_shipped:
        return order.hub_captures and all(s.capture in {"captured", "skipped"} for s in order.shipments)
    return order.is_canceled


def _is_unwanted(order: OrderState, f: FulfillmentOrder) -> bool:
    """Canceled, holds units that nobody wants any more, or goes to an address that no longer holds."""
    if order.is_canceled:
        return True
    if f.address_version < order.address_version and not f.is_pickup:
        return not f.has_begun_to_ship
    surplus = order.surplus()
    return any(surplus[(unit.line_id, unit.item_id)] > 0 and unit.quantity > unit.shipped for unit in f.lines)


def _no_longer_waiting(order: OrderState) -> tuple[str, ...]:
    """Lines that wait for more than is still wanted, after an edit or a cancel."""
    missing = {(d.line_id, d.item_id): d.quantity for d in order.open_demand()}
    return tuple(
        sorted(
            {w.line_id for w in order.waiting if (w.line_id, w.item_id) not in missing}
            | {w.line_id for w in order.waiting if w.quantity > missing.get((w.line_id, w.item_id), 0)}
        )
    )


def _given_up(order: OrderState, now: datetime) -> tuple[tuple[str, int], ...]:
    """Whole units of lines whose missing items were not found before their date.

    A bundle of which a part has left already is not given up: a person sees that it waits.
    """
    missing = {(d.line_id, d.item_id): d.quantity for d in order.open_demand()}
    given_up = []
    for line in order.lines:
        short = {
            w.item_id: min(w.quantity, missing.get((w.line_id, w.item_id), 0))
            for w in order.waiting
            if w.line_id == line.line_id and w.reason in FOR_STOCK and now >= w.give_up_at
        }
        units = min(line.units_with(short), order.units_left(line))
        if units:
            given_up.append((line.line_id, units))
    return tuple(given_up)


def _canceled_for_good(order: OrderState) -> tuple[tuple[str, int], ...]:
    """Units of lines that no location holds any more, so that none can refuse to give them back."""
    if order.is_canceled or order.is_shadow:
        return ()
    held = {line_id for line_id, _ in order.surplus()}
    return tuple(
        (line.line_id, line.canceled_untold)
        for line in order.lines
        if line.canceled_untold > 0 and line.line_id not in held
    )


def _kept(order: OrderState) -> tuple[tuple[str, int], ...]:
    """Units that were canceled by line and are shipped after all, since the location refused the recall."""
    if order.is_canceled:
        return ()
    surplus = order.surplus()
    kept = []
    for line in order.lines:
        stays: Counter[str] = Counter()
        for f in order.fulfillment_orders:
            if f.recall == "refused" and f.is_live:
                stays.update({u.item_id: u.quantity for u in f.lines if u.line_id == line.line_id})
        units = line.units_with({item: min(n, surplus[(line.line_id, item)]) for item, n in stays.items()})
        if units:
            kept.append((line.line_id, units))
    return tuple(kept)
