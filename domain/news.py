"""What a webhook or a poll can tell the hub, in the hub's words."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.base import Frozen
from domain.channel_order import ChannelOrder, Risk
from domain.fulfillment import FulfillmentReport
from domain.money import Money


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


class ErasureNews(Frozen):
    """The platform passes on a person's wish to be forgotten."""

    about: Literal["erasure"] = "erasure"
    buyer_external_id: str = ""
    email: str = ""
    order_external_ids: tuple[str, ...] = ()


News = Annotated[
    OrderNews | OrderChangedNews | RefundNews | HoldNews | RiskNews | FulfillmentNews | StockNews | ErasureNews,
    Field(discriminator="about"),
]
