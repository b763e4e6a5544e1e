"""Orders as the API shows them."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from api.allowed import ActionOut
from db.order_detail import OrderDetail
from domain.channel_order import Address, Buyer


class FromRow(BaseModel):
    """Filled from a row of the database by the names of its columns."""

    model_config = ConfigDict(from_attributes=True)


class OrderSummary(FromRow):
    """One line of a list of orders; amounts are in the shop's currency."""

    id: str
    connection_id: str
    source: str
    external_id: str
    number: str
    placed_at: datetime
    state: str
    outcome: str | None
    why: str
    financial: str
    country: str
    tags: list[str]
    currency: str
    total_minor: int
    is_shadow: bool


class OrderList(BaseModel):
    """A page; `next` is the cursor of the page after it, null on the last."""

    orders: list[OrderSummary]
    next: str | None


class LineOut(FromRow):
    """What was bought; `quantity` is what is wanted now."""

    line_id: str
    external_id: str
    sku: str
    title: str
    item_id: str | None
    ordered: int
    canceled: int
    quantity: int
    requires_shipping: bool
    unit_price_minor: int
    share_minor: int


class UnitOut(FromRow):
    """Units of one item in a fulfillment order."""

    line_id: str
    item_id: str
    quantity: int
    shipped: int


class FulfillmentOrderOut(FromRow):
    """Work asked of one location."""

    id: str
    number: int
    round: int
    location_id: str
    connection_id: str
    state: str
    recall: str
    reason: str
    is_pickup: bool
    external_id: str
    ship_on: str
    sent_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    lines: list[UnitOut] = []


class ShipmentOut(FromRow):
    """A parcel that left; `report` says whether the channel shows it."""

    id: str
    fulfillment_order_id: str
    carrier: str
    tracking_number: str
    tracking_url: str
    is_collected: bool
    shipped_at: datetime
    delivered_at: datetime | None
    lines: list[Any]
    report: str
    capture: str


class WaitingOut(FromRow):
    """Demand that waits for stock."""

    line_id: str
    item_id: str
    quantity: int
    reason: str
    give_up_at: datetime | None


class TenderOut(FromRow):
    """One movement of money."""

    tender: str
    kind: str
    currency: str
    amount_minor: int
    external_id: str
    at: datetime


class MoneyOut(BaseModel):
    """The total as the shop and as the buyer counts it, its parts in both, and every movement by tender."""

    currency: str
    total_minor: int
    presentment_currency: str
    presentment_total_minor: int
    amounts: dict[str, Any]
    tenders: list[TenderOut]


class EffectOut(FromRow):
    """One write to the outside and what proves it."""

    key: str
    kind: str
    connection_id: str
    state: str
    attempts: int
    intended_at: datetime
    settled_at: datetime | None
    proof: dict[str, Any] | None
    error_code: str


class HoldUpOut(FromRow):
    """An exception that holds the order up."""

    id: int
    cause: str
    severity: str
    title: str
    remedy: str


class PersonOut(BaseModel):
    """Who bought and where it goes; reading it is recorded. `erased` when the person was forgotten."""

    erased: bool = False
    buyer: Buyer | None = None
    ship_to: Address | None = None


class LinksOut(BaseModel):
    """Where else to look: the buyer's page and the run in the Temporal UI."""

    tracking_page: str
    temporal_run: str


class OrderOut(OrderSummary):
    """One order whole; `person` only if it was asked for.

    `at` is the instant that was asked for; `lost` says what is shown as it is now, because it cannot be rebuilt.
    """

    recorded_at: datetime
    seq: int
    version: str
    risk: str
    delivery: str
    pickup_location_id: str | None
    service: str
    holds: list[str]
    released: bool
    canceled_at: datetime | None
    cancel_requested_at: datetime | None
    address_version: int
    address_ok: bool
    lines: list[LineOut]
    fulfillment_orders: list[FulfillmentOrderOut]
    shipments: list[ShipmentOut]
    waiting: list[WaitingOut]
    money: MoneyOut
    effects: list[EffectOut]
    exceptions: list[HoldUpOut]
    actions: list[ActionOut]
    person: PersonOut | None
    links: LinksOut
    at: datetime | None = None
    lost: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        detail: OrderDetail,
        *,
        actions: list[ActionOut],
        person: PersonOut | None,
        links: LinksOut,
        at: datetime | None = None,
        lost: tuple[str, ...] = (),
    ) -> Self:
        """Put together what the database read apart."""
        order = detail.order
        tenders = [TenderOut.model_validate(row) for row in detail.tenders]
        return cls.model_validate(
            {
                **order._asdict(),
                "version": str(order.seq),
                "lines": detail.lines,
                "fulfillment_orders": _fulfillment_orders(detail),
                "shipments": detail.shipments,
                "waiting": detail.waiting,
                "money": {**order._asdict(), "tenders": tenders},
                "effects": detail.effects,
                "exceptions": detail.exceptions,
                "actions": actions,
                "person": person,
                "links": links,
                "at": at,
                "lost": lost,
            }
        )


def _fulfillment_orders(detail: OrderDetail) -> list[FulfillmentOrderOut]:
    return [
        FulfillmentOrderOut.model_validate(row).model_copy(
            update={
                "lines": [
                    UnitOut.model_validate(u) for u in detail.fulfillment_lines if u.fulfillment_order_id == row.id
                ]
            }
        )
        for row in detail.fulfillment_orders
    ]


class MomentOut(FromRow):
    """One thing that happened; `known_at` is when the hub learned of it."""

    at: datetime
    known_at: datetime
    source: str
    kind: str
    by: str
    by_name: str = ""
    seq: int | None
    data: dict[str, Any]
