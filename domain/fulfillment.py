"""Words between the hub and whoever ships: what is asked of a location, and what it reports back."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from domain.base import Frozen
from domain.channel_order import Address, Buyer

ReportKind = Literal[
    "accepted", "rejected", "on_hold", "picked", "ready", "shipped", "collected", "canceled", "cancel_refused",
    "delivered", "expired",
]  # fmt: skip


class RequestedLine(Frozen):
    """Units of one item asked of a location; `line_id` is ours, `sku` what the location knows the item by."""

    line_id: str
    sku: str
    title: str = ""
    quantity: int
    unit_value_minor: int = 0


class FulfillmentRequest(Frozen):
    """A fulfillment order as it is sent to a location. Carries personal data: never stored outside the location."""

    reference: str = Field(description="our fulfillment order id; unique, stable, what look-ups go by")
    order_number: str
    placed_at: datetime
    location_external_id: str = ""
    lines: tuple[RequestedLine, ...]
    currency: str = ""
    ship_to: Address | None = None
    buyer: Buyer = Buyer()
    service: str = ""
    is_pickup: bool = False


class SentFulfillmentOrder(Frozen):
    """What the location shows of a fulfillment order: the read-back of a send."""

    external_id: str
    reference: str
    state: Literal["open", "canceled", "shipped"]


NEVER_ARRIVED = "never_arrived"
"""Why a recall is confirmed by a location that provably knows nothing of the work."""


class RecallAnswer(Frozen):
    """What the location answered to a recall: done, no, or "asked" where a report will follow."""

    answer: Literal["confirmed", "refused", "asked"]
    reason: str = ""


class ReportedLine(Frozen):
    """Units in a parcel; named by our line id where the location keeps it, else by SKU."""

    line_id: str = ""
    sku: str = ""
    quantity: int


class ReportedShipment(Frozen):
    """A parcel that left, with no lines when the location does not say: then it holds all that is still open."""

    external_id: str
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    shipped_at: datetime | None = None
    lines: tuple[ReportedLine, ...] = ()


class FulfillmentReport(Frozen):
    """One thing that a location says about one fulfillment order; may come late, twice or out of order."""

    key: str = Field(description="the same for every delivery of the same news; stable over webhook and poll")
    kind: ReportKind
    reference: str = ""
    external_id: str = ""
    at: datetime
    reason: str = Field(default="", description="a short code, never free text of a person")
    is_final: bool = Field(
        default=True, description="False: it says no for now and may ship later, so it must be recalled first"
    )
    shipment: ReportedShipment | None = None
