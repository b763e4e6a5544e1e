"""Why an order needs a person or must wait: each cause is one exception, however many orders it holds up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from domain.base import Frozen
from domain.order_state import BUNDLE_APART, HELD_BACK, NO_STOCK, STOCK_REFUSED, OrderState

PAYMENT_PATIENCE = timedelta(days=3)
HOLD_PATIENCE = timedelta(days=7)
RECALL_ASKS = 3
SHIPPED_AFTER_END = "shipped_after_end"
"""The reason of a fulfillment order whose location contradicted itself: ended without shipping, and shipped."""
SHIPPED_OTHERWISE = "shipped_otherwise"
"""The reason of a fulfillment order whose parcel holds what was not asked for."""
ROUTABLE: frozenset[str] = frozenset({"authorized", "paid", "partially_refunded"})


class Cause(Frozen):
    """A reason to wait or to call a person.

    `blocks`: nothing is routed or sent while it lasts.
    `raises`: it is shown as an exception now; else it only waits, and `due_at` says until when that is fine.
    """

    kind: str
    subject: str
    title: str
    remedy: str
    severity: Literal["info", "warning", "critical"] = "warning"
    blocks: bool = True
    raises: bool = True
    due_at: datetime | None = None

    @property
    def code(self) -> str:
        """The key of the exception."""
        return f"{self.kind}:{self.subject}"


def oversold(item_id: str, location_id: str) -> Cause:
    """A fact from outside (a count, a loss, a parcel too many) left less stock than is promised."""
    return Cause(
        kind="oversold",
        subject=f"{item_id}:{location_id}",
        title=f"{location_id} has less of {item_id} than is promised to orders",
        remedy="Count it again, receive or transfer stock, or re-route or cancel orders that wait there.",
        severity="critical",
        blocks=False,
    )


def causes_of(order: OrderState, now: datetime) -> tuple[Cause, ...]:
    """Every cause that holds now; an exception closes itself when none of its orders has its cause any more."""
    if order.stopped:
        return (_stopped(order),)
    causes = [*_talks(order), *_late(order, now), *_troubles(order), *_waiting(order)]
    if not order.is_canceled:
        causes += [*_unmapped(order), *_pauses(order)]
        if order.has_open_decisions:
            causes += _address(order)
            causes += [] if order.released else [*_payment(order, now), *_holds(order, now)]
    return tuple(cause for cause in causes if cause.blocks or cause.code not in order.acknowledged)


def _unmapped(order: OrderState) -> Iterator[Cause]:
    for sku in sorted({line.sku for line in order.unmapped}):
        yield Cause(
            kind="unmapped_sku",
            subject=f"{order.connection_id}:{sku}",
            title=f"SKU {sku!r} of {order.connection_id} is not mapped to an item",
            remedy="Map the SKU to an item (tutti items map, PUT /items/{item}/aliases); waiting orders go on at once.",
        )


def _payment(order: OrderState, now: datetime) -> Iterator[Cause]:
    taking_it_ourselves = any(shipment.capture == "captured" for shipment in order.shipments)
    if order.financial in ROUTABLE or taking_it_ourselves:
        return
    due_at = order.placed_at + PAYMENT_PATIENCE
    yield Cause(
        kind=f"payment_{order.financial}",
        subject=order.connection_id,
        title=f"Orders of {order.connection_id} wait for payment ({order.financial})",
        remedy="Mark the payment as received at the channel, release the order, or cancel it.",
        severity="info",
        raises=now >= due_at or order.financial in {"voided", "expired", "refunded"},
        due_at=due_at,
    )


def _holds(order: OrderState, now: datetime) -> Iterator[Cause]:
    due_at = order.placed_at + HOLD_PATIENCE
    if order.risk == "high":
        yield Cause(
            kind="fraud_risk",
            subject=order.connection_id,
            title=f"Orders of {order.connection_id} with a high risk of fraud wait for a decision",
            remedy="Look at the order at the channel; release it or cancel it.",
        )
    for hold in order.holds:
        yield Cause(
            kind="hold",
            subject=f"{order.connection_id}:{hold}",
            title=f"Orders of {order.connection_id} are held ({hold})",
            remedy="Release the hold where it was set (the channel or the hub), or cancel the order.",
            severity="info",
            raises=now >= due_at,
            due_at=due_at,
        )


def _address(order: OrderState) -> Iterator[Cause]:
    if order.delivery == "ship" and not order.address_ok:
        yield Cause(
            kind="no_address",
            subject=order.id,
            title="The order has no complete shipping address",
            remedy="Change the address (POST /orders/{order}/address) or correct it at the channel.",
        )


def _pauses(order: OrderState) -> Iterator[Cause]:
    for connection in sorted(order.paused_connections):
        yield Cause(
            kind="paused",
            subject=connection,
            title=f"Writes to {connection} are paused",
            remedy="Mend the cause that the connection names, then resume it; or switch it on, if it is not on yet.",
            severity="critical",
            blocks=False,
        )


def _talks(order: OrderState) -> Iterator[Cause]:
    """Conversations with locations that a person must take over."""
    for f in order.fulfillment_orders:
        if f.recall == "refused" and (f.is_live or f.state == "shipped"):
            yield Cause(
                kind="recall_refused",
                subject=f.id,
                title=f"{f.location_id} ships although it was asked not to",
                remedy="Intercept the parcel with the carrier, or await it as a return; then resolve this.",
                blocks=False,
            )
        if f.recall in {"wanted", "asked"} and f.recall_asks >= RECALL_ASKS:
            yield Cause(
                kind="recall_unanswered",
                subject=f.location_id,
                title=f"{f.location_id} does not answer recalls",
                remedy="Call the location and record its answer.",
                blocks=False,
            )
        if f.reason == SHIPPED_AFTER_END:
            yield Cause(
                kind="shipped_after_cancel",
                subject=f.id,
                title=f"{f.location_id} shipped after it had said that it would not",
                remedy="Await the parcel as a return; the stock that left is booked. Then resolve this.",
                severity="critical",
                blocks=False,
            )
        if f.reason == SHIPPED_OTHERWISE:
            yield Cause(
                kind="shipped_otherwise",
                subject=f.id,
                title=f"{f.location_id} shipped something else than it was asked for",
                remedy="Compare the parcel with the fulfillment order; count the stock of the location. Then resolve this.",
                blocks=False,
            )
    if order.canceled_at is not None and any(
        f.state == "shipped" and f.recall in {"", "wanted"} for f in order.fulfillment_orders
    ):
        yield Cause(
            kind="canceled_after_shipping",
            subject=order.id,
            title="The channel canceled an order that had shipped",
            remedy="Intercept the parcel with the carrier, or await it as a return; then resolve this.",
            blocks=False,
        )


def _troubles(order: OrderState) -> Iterator[Cause]:
    """Writes that do not come through, and those that the channel refused."""
    for trouble in order.troubles:
        yield Cause(
            kind="in_doubt" if trouble.in_doubt else "unreachable",
            subject=trouble.key if trouble.in_doubt else trouble.connection_id,
            title=f"It is not known whether {trouble.connection_id} did {trouble.kind.replace('_', ' ')}"
            if trouble.in_doubt
            else f"{trouble.connection_id} does not answer as it should ({trouble.code})",
            remedy="The hub keeps looking it up; look at the platform and say what happened if it lasts."
            if trouble.in_doubt
            else "The hub keeps trying; look at the platform's status page and the connection's health.",
            blocks=False,
        )
    for shipment in order.shipments:
        for step, state in (("tracking", shipment.report), ("capture", shipment.capture)):
            if state == "refused":
                yield Cause(
                    kind=f"{step}_refused",
                    subject=shipment.id,
                    title=f"{order.connection_id} refused the {step} of shipment {shipment.id}",
                    remedy="See the effect's reasons, mend the order at the channel, then retry the step or skip it.",
                    blocks=False,
                )
    for told in order.line_cancels:
        if told.report == "refused":
            yield Cause(
                kind="refund_refused",
                subject=told.id,
                title=f"{order.connection_id} would not take canceled units out of the order ({told.id})",
                remedy="See the effect's reason, refund the units at the channel by hand, then retry the step or skip it.",
                blocks=False,
            )
    for void in order.voids:
        if void.state == "refused":
            yield Cause(
                kind="void_refused",
                subject=void.id,
                title=f"An authorization of order {order.id} could not be given up",
                remedy="See the effect's reason, cancel the authorization at the payment provider, then retry the step or skip it.",
                blocks=False,
            )
    if order.cancel_refused:
        yield Cause(
            kind="cancel_refused_by_channel",
            subject=order.id,
            title=f"{order.connection_id} would not cancel the order",
            remedy="Cancel it at the channel by hand, then resolve this.",
            blocks=False,
        )


def _waiting(order: OrderState) -> Iterator[Cause]:
    for line in order.waiting:
        if not line.quantity or line.reason == HELD_BACK:
            continue  # the lines that it is held back for say what is missing
        if line.reason == NO_STOCK:
            yield Cause(
                kind="out_of_stock",
                subject=line.item_id,
                title=f"Orders wait for stock of {line.item_id}",
                remedy="Receive or transfer stock; the orders go on by priority, then age.",
                severity="info",
                blocks=False,
            )
        elif line.reason == STOCK_REFUSED:
            yield Cause(
                kind="stock_refused",
                subject=line.item_id,
                title=f"Stock of {line.item_id} is only where locations have said no to the orders that wait for it",
                remedy="Ask those locations why, receive or transfer stock elsewhere, or cancel the orders.",
                blocks=False,
            )
        elif line.reason == BUNDLE_APART:
            yield Cause(
                kind="bundle_apart",
                subject=line.item_id,
                title=f"{line.item_id} is nowhere with the rest of the sets that orders wait for",
                remedy="Receive or transfer stock so that one location has a whole set, or set bundles_may_split in the rule.",
                severity="info",
                blocks=False,
            )
        else:
            yield Cause(
                kind="unroutable",
                subject=f"{line.reason}:{order.connection_id}",
                title=f"No location may ship orders of {order.connection_id} ({line.reason})",
                remedy="Read why (tutti why ORDER), change rules or locations, then retry the orders.",
                blocks=False,
            )


def _late(order: OrderState, now: datetime) -> Iterator[Cause]:
    for f in order.fulfillment_orders:
        talks = f.recall in {"wanted", "asked"}  # then the time is that of the answer
        is_at_work = f.state in {"accepted", "picked", "on_hold"} or f.has_begun_to_ship
        if f.is_live and is_at_work and not talks and f.due_at and now >= f.due_at:
            yield Cause(
                kind="late_shipment",
                subject=f.location_id,
                title=f"{f.location_id} has accepted orders and not shipped them in time",
                remedy="Ask the location; recall and re-route the order if it cannot ship (POST /orders/{order}/re-route).",
                blocks=False,
            )


def _stopped(order: OrderState) -> Cause:
    return Cause(
        kind="stopped",
        subject=order.id,
        title="The order's process was stopped and undone",
        remedy="Start it again (POST /orders/{order}/retry) or cancel the order.",
    )
