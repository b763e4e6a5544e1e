"""Orders on a sales channel: polled, fetched, canceled."""

from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from domain.base import Frozen
from domain.channel_order import ChannelOrder


class ListedOrder(Frozen):
    """An order of which the channel's list shows no more than when it last changed."""

    external_id: str
    updated_at: datetime


class OrderPage(Frozen):
    """Some orders, and the cursor to go on from; `is_last` when no more are there now.

    A channel whose list holds whole orders gives `orders`; one that would need a call for each gives `listed`, and
    the caller fetches those that are news to it.
    """

    orders: tuple[ChannelOrder, ...] = ()
    listed: tuple[ListedOrder, ...] = ()
    unreadable: tuple[str, ...] = Field(default=(), description="external ids that could not be read")
    cursor: str
    is_last: bool


@runtime_checkable
class GivesOrders(Protocol):
    """Orders can be polled: what webhooks missed is found by time of change."""

    async def orders_since(self, since: datetime, cursor: str = "") -> OrderPage:
        """Orders changed since then, oldest first; the caller overlaps `since` and de-duplicates (trap 9)."""

    async def fetch_order(self, external_id: str) -> ChannelOrder:
        """One order as it is now."""


class CancelRequest(Frozen):
    """An order to be canceled whole at the channel; units are restocked by the hub's ledger, not by the channel."""

    order_external_id: str
    reason: Literal["customer", "inventory", "fraud", "declined", "other"] = "other"
    refund: bool = True
    notify_buyer: bool = True


class ShownCancel(Frozen):
    """The order as the channel shows it after a cancel."""

    canceled_at: datetime


@runtime_checkable
class CancelsOrders(Protocol):
    """The channel can be told that an order is canceled."""

    async def cancel_order(self, request: CancelRequest, key: str) -> ShownCancel:
        """Cancel; waits until the channel shows it or raises OutcomeUnknownError."""

    async def find_cancel(self, request: CancelRequest) -> ShownCancel | None:
        """The cancel, if the channel shows one."""
