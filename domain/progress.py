"""Where an order stands and what comes next, by its facts alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from domain.base import Frozen
from domain.causes import Cause, causes_of
from domain.order_state import FOR_STOCK, TO_SEND, FulfillmentOrder, OrderState

Stage = Literal["waiting", "to_route", "backordered", "in_fulfillment", "canceling", "over"]
Outcome = Literal[
    "fulfilled", "shipped_despite_cancel", "canceled", "nothing_to_ship", "shadowed", "stopped", "superseded"
]  # fmt: skip
OPEN = frozenset({"", "refused"})
"""A duty towards the channel that is not done: still to do, or refused and with a person."""


class Target(Frozen):
    """A fulfillment order to be sent or recalled, and the connection that is asked."""

    id: str
    connection_id: str


class Progress(Frozen):
    """The next steps of an order; the workflow keeps nothing else of it."""

    seq: int
    stage: Stage
    waits_for: tuple[str, ...] = ()
    send: tuple[Target, ...] = ()
    recall: tuple[Target, ...] = ()
    report: tuple[str, ...] = ()
    capture: tuple[str, ...] = ()
    refund: tuple[str, ...] = ()
    void: tuple[str, ...] = ()
    tell_cancel: bool = False
    has_shipped: bool = False
    due_at: datetime | None = None
    outcome: Outcome | None = None
    headline: str = ""


def progress(order: OrderState, now: datetime) -> Progress:
    """What the hub must do next; the same facts give the same answer."""
    causes = causes_of(order, now)
    blockers = tuple(cause.code for cause in causes if cause.blocks)
    outcome = outcome_of(order)
    stage = _stage(order, blockers, outcome)
    return Progress(
        seq=order.seq,
        stage=stage,
        waits_for=blockers or _waits(order, stage),
        send=() if blockers else _targets(f for f in order.fulfillment_orders if f.state in TO_SEND and not f.recall),
        recall=_targets(
            f for f in order.fulfillment_orders if f.recall == "wanted" and f.is_live and f.state != "planned"
        ),
        report=tuple(s.id for s in order.shipments if not s.report),
        capture=_to_capture(order),
        # one at a time: what the next may give back depends on what the last one did
        refund=tuple(c.id for c in order.line_cancels if not c.report)[:1],
        void=tuple(void.id for void in order.voids if not void.state),
        tell_cancel=_must_tell_cancel(order) and not order.cancel_refused,
        has_shipped=order.has_shipped,
        due_at=_due(order, causes, now),
        outcome=outcome,
        headline=headline(order, stage, blockers, outcome),
    )


def _to_capture(order: OrderState) -> tuple[str, ...]:
    """Each parcel's amount is fixed before it is asked for, so that one in doubt holds up no other."""
    if not order.hub_captures or (order.captures_once and not order.no_more_ships):
        return ()
    return tuple(s.id for s in order.shipments if not s.capture)


def _targets(fulfillment_orders: Iterable[FulfillmentOrder]) -> tuple[Target, ...]:
    return tuple(Target(id=f.id, connection_id=f.connection_id) for f in fulfillment_orders)


def outcome_of(order: OrderState) -> Outcome | None:
    """How the order ended; None while anything is still to be done."""
    if order.stopped:
        return "stopped"
    if order.is_shadow and order.is_decided:
        return "shadowed"
    if any(f.is_live for f in order.fulfillment_orders) or _must_tell_cancel(order):
        return None
    if _has_open_duties(order):
        return None
    if order.unmapped or order.open_demand():
        return None
    return _ended(order)


def _has_open_duties(order: OrderState) -> bool:
    """The channel is still to be told of a parcel, a capture or canceled units."""
    return (
        any(s.report in OPEN or (order.hub_captures and s.capture in OPEN) for s in order.shipments)
        or any(told.report in OPEN for told in order.line_cancels)
        or any(void.state in OPEN for void in order.voids)
    )


def _ended(order: OrderState) -> Outcome:
    if order.has_shipped:
        return "shipped_despite_cancel" if order.is_canceled else "fulfilled"
    if order.is_canceled:
        return "canceled"
    return "nothing_to_ship"


def _must_tell_cancel(order: OrderState) -> bool:
    """A person canceled at the hub, no location will ship any more, and the channel does not know yet."""
    asked = order.cancel_requested_at is not None and order.canceled_at is None and order.cancel_told_at is None
    return (
        asked and not order.is_shadow and not order.has_shipped and not any(f.is_live for f in order.fulfillment_orders)
    )


def _stage(order: OrderState, blockers: tuple[str, ...], outcome: Outcome | None) -> Stage:
    if outcome is not None:
        return "over"
    if order.is_canceled:
        return "canceling"
    if blockers:
        return "waiting"
    if order.open_demand():
        return "backordered" if _is_backordered(order) else "to_route"
    return "in_fulfillment"


def _is_backordered(order: OrderState) -> bool:
    """Everything that is open was looked for and found nowhere."""
    waiting = {(w.line_id, w.item_id): w.quantity for w in order.waiting}
    return all(waiting.get((d.line_id, d.item_id), 0) == d.quantity for d in order.open_demand())


def _waits(order: OrderState, stage: Stage) -> tuple[str, ...]:
    if stage == "backordered":
        return tuple(sorted({f"stock of {w.item_id}" if w.reason in FOR_STOCK else w.reason for w in order.waiting}))
    return tuple(f"{_short(f)} {f.state}" for f in order.fulfillment_orders if f.is_live)


def _short(fulfillment_order: FulfillmentOrder) -> str:
    return f"F{fulfillment_order.number} at {fulfillment_order.location_id}"


def _due(order: OrderState, causes: tuple[Cause, ...], now: datetime) -> datetime | None:
    """The next moment at which time alone changes something."""
    moments = [f.due_at for f in order.fulfillment_orders if f.is_live and f.due_at]
    moments += [w.give_up_at for w in order.waiting if w.reason in FOR_STOCK]
    moments += [cause.due_at for cause in causes if cause.due_at]
    later = [moment for moment in moments if moment > now]
    return min(later, default=None)


def headline(order: OrderState, stage: Stage, blockers: tuple[str, ...], outcome: Outcome | None) -> str:
    """One line for the list, the timeline and the Temporal UI."""
    if outcome:
        return outcome.replace("_", " ")
    if stage == "waiting":
        return "waits for " + ", ".join(blockers)
    if stage == "backordered":
        return "backordered: " + ", ".join(_waits(order, stage))
    live = [
        f"{_short(f)} {f.state}{' (recall ' + f.recall + ')' if f.recall else ''}"
        for f in order.fulfillment_orders
        if f.is_live
    ]
    return "; ".join(live) or stage.replace("_", " ")
