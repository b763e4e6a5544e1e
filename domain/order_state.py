"""An order as the hub knows it, without the person: what every decision about it is made from."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from domain.base import Frozen
from domain.channel_order import Delivery, Financial, Risk

FulfillmentOrderState = Literal[
    "planned", "sending", "sent", "accepted", "on_hold", "picked", "ready", "shipped", "rejected", "canceled", "expired"
]
DEAD: frozenset[str] = frozenset({"rejected", "canceled", "expired"})
ENDED: frozenset[str] = DEAD | {"shipped"}
TO_SEND: frozenset[str] = frozenset({"planned", "sending"})
WILL_NOT: frozenset[str] = frozenset({"rejected", "expired"})
SAID_NO = ("silent", "rejected")
"""Reasons of a recall after which the location is not asked again for this order."""
Recall = Literal["", "wanted", "asked", "confirmed", "refused"]


Step = Literal["", "reported", "captured", "refused", "skipped"]
"""How far a duty towards the channel is: empty means that it is still to be done."""


class LineState(Frozen):
    """A line; `quantity` is wanted now; a bundle's units are made of its components."""

    line_id: str
    external_id: str
    sku: str
    item_id: str | None
    quantity: int
    requires_shipping: bool = True
    shipped_externally: int = 0
    share_minor: int = 0
    canceled_untold: int = 0
    """Units that the hub canceled and the channel neither is told of nor leaves out by itself."""
    components: tuple[tuple[str, int], ...] = ()
    """(item, units per unit of the line); the item itself when it is no bundle."""

    @property
    def to_ship(self) -> int:
        """Units that the hub must get to the buyer."""
        return max(0, self.quantity - self.shipped_externally) if self.requires_shipping else 0

    def units_with(self, of_item: Mapping[str, int]) -> int:
        """Units of the line that so many units of its items are part of; a bundle counts with its first component."""
        return max((-(-of_item.get(item, 0) // per_unit) for item, per_unit in self.components), default=0)


class DemandUnit(Frozen):
    """Units of one item for one line."""

    line_id: str
    item_id: str
    quantity: int


class FulfillmentUnit(Frozen):
    """Units of one item for one line within a fulfillment order."""

    line_id: str
    item_id: str
    quantity: int
    shipped: int = 0


class FulfillmentOrder(Frozen):
    """Work asked of one location."""

    id: str
    number: int
    location_id: str
    connection_id: str
    state: FulfillmentOrderState
    recall: Recall = ""
    recall_asks: int = 0
    reason: str = ""
    is_pickup: bool = False
    address_version: int = 1
    due_at: datetime | None = None
    lines: tuple[FulfillmentUnit, ...] = ()

    @property
    def is_live(self) -> bool:
        """Units in it are still promised."""
        return self.state not in ENDED

    @property
    def has_begun_to_ship(self) -> bool:
        """A parcel has left: whether it said so before or not, its location has taken the work."""
        return any(unit.shipped for unit in self.lines)

    @property
    def said_no(self) -> bool:
        """Its location is not asked again for this order."""
        return self.state in WILL_NOT or (self.state in DEAD and self.reason.startswith(SAID_NO))

    def covers(self) -> Counter[tuple[str, str]]:
        """Units per (line, item) that this one has shipped or will ship."""
        return Counter(
            {(u.line_id, u.item_id): u.quantity if self.state not in DEAD else u.shipped for u in self.lines}
        )


class Shipment(Frozen):
    """A parcel that left, or a collection."""

    id: str
    fulfillment_order_id: str
    report: Step = ""
    capture: Step = ""


class LineCancel(Frozen):
    """Units of lines that the channel is told not to expect any more."""

    id: str
    report: Step = ""


class PaymentVoid(Frozen):
    """An authorization that is to be given up at the payment provider."""

    id: str
    state: Literal["", "done", "refused", "skipped"] = ""


NO_STOCK = "no_stock"
STOCK_REFUSED = "stock_refused"
"""There is stock, but only at locations that said no to this order."""
BUNDLE_APART = "bundle_apart"
"""There is stock of the item, but nowhere with the rest of its set."""
HELD_BACK = "held_back"
"""There is stock, but the order may only leave with lines that wait for theirs."""
QUEUED: frozenset[str] = frozenset({NO_STOCK, STOCK_REFUSED, BUNDLE_APART})
"""Why a line stands in the queue for stock of its item."""
FOR_STOCK: frozenset[str] = QUEUED | {HELD_BACK}
"""Why a line waits for stock until it is given up; for any other reason a person must change something first."""


class WaitingLine(Frozen):
    """Open demand that waits: for stock until it is given up, or for whatever `reason` names."""

    line_id: str
    item_id: str
    quantity: int
    give_up_at: datetime
    reason: str = NO_STOCK


class Trouble(Frozen):
    """A write to the outside that does not come through."""

    key: str
    kind: str
    connection_id: str
    in_doubt: bool
    code: str = ""


class OrderState(Frozen):
    """Everything that decides what happens next to one order."""

    id: str
    connection_id: str
    seq: int
    placed_at: datetime
    financial: Financial
    risk: Risk = "none"
    delivery: Delivery = "ship"
    pickup_location_id: str | None = None
    holds: tuple[str, ...] = ()
    canceled_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    cancel_told_at: datetime | None = None
    address_ok: bool = True
    address_version: int = 1
    is_shadow: bool = False
    is_decided: bool = False
    """A shadow order's only duty is done: its routing was decided."""
    run_no: int = 0
    hub_captures: bool = False
    captures_once: bool = False
    """The payment provider takes one capture per payment: the hub waits until all has left."""
    money_settled: bool = False
    voids: tuple[PaymentVoid, ...] = ()
    lines: tuple[LineState, ...] = ()
    fulfillment_orders: tuple[FulfillmentOrder, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    line_cancels: tuple[LineCancel, ...] = ()
    waiting: tuple[WaitingLine, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    cancel_refused: bool = False
    released: bool = False
    stopped: bool = False
    acknowledged: frozenset[str] = frozenset()
    """Codes of causes that a person has dealt with."""
    paused_connections: frozenset[str] = frozenset()

    @property
    def is_canceled(self) -> bool:
        """The channel or a person has said that nothing more is wanted."""
        return self.canceled_at is not None or self.cancel_requested_at is not None

    def wanted(self) -> Counter[tuple[str, str]]:
        """Units per (line, item) that the buyer is to get from us; after a cancel, none."""
        if self.is_canceled:
            return Counter()
        return Counter(
            {
                (line.line_id, item): line.to_ship * per_unit
                for line in self.lines
                for item, per_unit in line.components
                if line.to_ship
            }
        )

    def covered(self) -> Counter[tuple[str, str]]:
        """Units per (line, item) that fulfillment orders have shipped or will ship."""
        total: Counter[tuple[str, str]] = Counter()
        for fulfillment_order in self.fulfillment_orders:
            total.update(fulfillment_order.covers())
        return total

    def open_demand(self) -> tuple[DemandUnit, ...]:
        """What no location has been asked for yet."""
        missing = self.wanted() - self.covered()
        return tuple(DemandUnit(line_id=line, item_id=item, quantity=n) for (line, item), n in sorted(missing.items()))

    def surplus(self) -> Counter[tuple[str, str]]:
        """Units that were asked for and are wanted no more."""
        return self.covered() - self.wanted()

    @property
    def unmapped(self) -> tuple[LineState, ...]:
        """Lines to be shipped whose item nobody knows yet: they are open demand that cannot be counted."""
        return () if self.is_canceled else tuple(line for line in self.lines if line.to_ship and line.item_id is None)

    @property
    def has_open_decisions(self) -> bool:
        """Something is still to be routed or sent, so that payment, holds and address matter."""
        return bool(self.unmapped or self.open_demand()) or any(f.state in TO_SEND for f in self.fulfillment_orders)

    def units_left(self, line: LineState) -> int:
        """Units of a line of which nothing has left yet."""
        shipped: Counter[str] = Counter()
        for unit in (unit for f in self.fulfillment_orders for unit in f.lines if unit.line_id == line.line_id):
            shipped[unit.item_id] += unit.shipped
        return max(0, line.to_ship - line.units_with(shipped))

    @property
    def no_more_ships(self) -> bool:
        """No location has anything left to send, and none will be asked."""
        return not any(f.is_live for f in self.fulfillment_orders) and not self.open_demand() and not self.unmapped

    @property
    def has_shipped(self) -> bool:
        """Something has left a location: the pivot."""
        return bool(self.shipments)
