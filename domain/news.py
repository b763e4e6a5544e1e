"""What a webhook or a poll can tell the hub, in the hub's words."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.base import Frozen
from domain.channel_order import ChannelOrder, Risk
from domain.fulfillment import FulfillmentReport
from domain.money import Money
from domain.parcel import ParcelScan


class OrderNews(Frozen):
    """A snapshot of an order; which topic brought it does not matter, `order.updated_at` decides."""

    about: Literal["order"] = "order"
    order: ChannelOrder


class OrderChangedNews(Frozen):
    """Something about an order changed, and the body does not hold the order: fetch it by id."""

    about: Literal["order_changed"] = "order_changed"
    order_external_id: str
    at: datetime


class RefundNews(Frozen):
    """Money given back on the channel; lines with the units that were restocked there."""

    about: Literal["refund"] = "refund"
    order_external_id: str
    external_id: str
    amounts: tuple[tuple[str, Money], ...] = Field(description="(tender, amount)")
    at: datetime


class HoldNews(Frozen):
    """The channel holds an order back, or lets it go."""

    about: Literal["hold"] = "hold"
    order_external_id: str = ""
    fulfillment_order_external_id: str = ""
    reasons: tuple[str, ...] = ()
    at: datetime


class RiskNews(Frozen):
    """The channel's judgment of fraud risk changed."""

    about: Literal["risk"] = "risk"
    order_external_id: str
    risk: Risk
    at: datetime


class FulfillmentNews(Frozen):
    """A location reports on a fulfillment order."""

    about: Literal["fulfillment"] = "fulfillment"
    report: FulfillmentReport


class StockNews(Frozen):
    """A platform's count of one item at one place; informs, does not overrule the ledger."""

    about: Literal["stock"] = "stock"
    item_external_id: str
    location_external_id: str
    available: int | None
    at: datetime


class ReturnNews(Frozen):
    """A return at the channel, as it is now: asked for by the buyer, approved, declined, changed or closed."""

    about: Literal["return"] = "return"
    external_id: str
    order_external_id: str = Field(default="", description="empty where the channel's body names the return only")
    status: Literal["requested", "open", "declined", "canceled", "closed"]
    lines: tuple[tuple[str, int, str], ...] | None = Field(
        default=None, description="(line external id, units, the channel's reason code); None if it does not tell"
    )
    at: datetime


PaymentMovement = Literal[
    "authorized",
    "captured",
    "voided",
    "failed",
    "refund_pending",
    "refunded",
    "refund_failed",
    "dispute_opened",
    "dispute_won",
    "dispute_lost",
]


class PaymentNews(Frozen):
    """Money moved at the payment provider, whoever moved it; copies and repeats carry the same ids."""

    about: Literal["payment"] = "payment"
    kind: PaymentMovement
    payment_external_id: str = Field(description="the provider's payment that it belongs to")
    external_id: str = Field(description="the provider's id of the movement: a charge, a refund, a dispute")
    reference: str = Field(default="", description="our id of the movement, if the hub asked for it")
    amount: Money = Field(description="of the movement; for a capture all that was captured")
    reason: str = Field(default="", description="the provider's code")
    at: datetime


class ParcelNews(Frozen):
    """A carrier scanned a parcel; `scans` are those that this news tells, oldest first."""

    about: Literal["parcel"] = "parcel"
    carrier: str
    tracking_number: str
    scans: tuple[ParcelScan, ...]


class ErasureNews(Frozen):
    """The platform passes on a person's wish to be forgotten."""

    about: Literal["erasure"] = "erasure"
    buyer_external_id: str = ""
    email: str = ""
    order_external_ids: tuple[str, ...] = ()


News = Annotated[
    OrderNews
    | OrderChangedNews
    | RefundNews
    | HoldNews
    | RiskNews
    | FulfillmentNews
    | StockNews
    | ReturnNews
    | PaymentNews
    | ParcelNews
    | ErasureNews,
    Field(discriminator="about"),
]
