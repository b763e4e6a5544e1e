"""What a webhook or a poll can tell the hub, in the hub's words."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.base import Frozen
from domain.channel_order import ChannelOrder, ChannelTender, Risk
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
    """Money given back on the channel, movement by movement, under the ids by which snapshots of the order name them."""

    about: Literal["refund"] = "refund"
    order_external_id: str
    external_id: str
    reference: str = Field(default="", description="our reference, when we asked for it")
    movements: tuple[ChannelTender, ...] = ()
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


class ListingNews(Frozen):
    """A listing is said to have changed; it decides nothing, but has the hub look where it says something new.

    `fields` are flat, as of a listing's form, and only those that the platform tells in the same words; `amounts` are
    prices without their currency.
    """

    about: Literal["listing"] = "listing"
    external_id: str
    fields: dict[str, Any] = Field(default_factory=dict)
    amounts: dict[str, Decimal | None] = Field(default_factory=dict)
    is_gone: bool = False


class ReturnNews(Frozen):
    """A return at the channel, as it is now: asked for by the buyer, approved, declined, changed or closed."""

    about: Literal["return"] = "return"
    external_id: str
    order_external_id: str
    status: Literal["requested", "open", "declined", "canceled", "closed"]
    lines: tuple[tuple[str, int, str], ...] | None = Field(
        default=None, description="(line external id, units, the channel's reason code); None if it does not tell"
    )
    at: datetime


class ReturnChangedNews(Frozen):
    """Something about a return changed, and the body does not hold the return: fetch it by id."""

    about: Literal["return_changed"] = "return_changed"
    external_id: str


PaymentMovement = Literal[
    "authorized",
    "captured",
    "voided",
    "failed",
    "refund_pending",
    "refunded",
    "refund_failed",
    "inquiry_opened",
    "inquiry_closed",
    "dispute_opened",
    "dispute_won",
    "dispute_lost",
]


class PaymentNews(Frozen):
    """Money moved at the payment provider, whoever moved it; copies and repeats carry the same ids."""

    about: Literal["payment"] = "payment"
    kind: PaymentMovement
    payment_external_id: str = Field(default="", description="the provider's payment that it belongs to")
    order_external_id: str = Field(default="", description="the channel's order, where that is told instead")
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


class StockCountNews(Frozen):
    """Somebody counted the units of an item at a place: true at `at`, so movements since then come on top of it.

    A sale that happened before `at` is already in the count, whichever of the two is heard of first.
    """

    about: Literal["stock_count"] = "stock_count"
    key: str = Field(description="the platform's id of the count, the same by webhook and by poll")
    item_external_id: str
    sku: str = ""
    location_external_id: str
    on_hand: int = Field(description="as told; may be below zero, which is for the hub to judge")
    at: datetime


class SoldLine(Frozen):
    """Units of one item that left over the counter; the line's id makes the movement unique within its sale."""

    external_id: str
    item_external_id: str = ""
    sku: str = ""
    quantity: int


class PosSaleNews(Frozen):
    """Goods sold and handed over at a place: nothing to route, only stock that is gone. Repeats say the same."""

    about: Literal["pos_sale"] = "pos_sale"
    external_id: str
    number: str = ""
    location_external_id: str
    lines: tuple[SoldLine, ...]
    total: Money | None = None
    at: datetime = Field(description="when the goods were handed over, not when the news was sent")


class SaleChangedNews(Frozen):
    """A sale at a place was closed, and the body does not hold it: fetch it by id."""

    about: Literal["sale_changed"] = "sale_changed"
    external_id: str
    at: datetime


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
    | ListingNews
    | ReturnNews
    | ReturnChangedNews
    | PaymentNews
    | ParcelNews
    | StockCountNews
    | PosSaleNews
    | SaleChangedNews
    | ErasureNews,
    Field(discriminator="about"),
]
