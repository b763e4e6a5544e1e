"""The protocols between the hub and a platform; a connector can what the protocols say that its class satisfies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

from pydantic import BaseModel, Field

from domain.base import Frozen
from domain.channel_order import ChannelOrder
from domain.fulfillment import (
    FulfillmentReport,
    FulfillmentRequest,
    RecallAnswer,
    SentFulfillmentOrder,
)
from domain.money import Money
from domain.news import News


class TaskList(Protocol):
    """The hub's own task list, for connectors whose platform is the hub itself (a shop's staff)."""

    async def publish(self, reference: str) -> None:
        """Make a fulfillment order visible to the staff; repeatable."""

    async def state(self, reference: str) -> Literal["hidden", "open", "canceled", "shipped"]:
        """What the staff see of it; picking that has begun still counts as open."""

    async def withdraw(self, reference: str) -> Literal["confirmed", "asked"]:
        """Take it back: confirmed if nobody has begun to pick, else the staff are asked."""


@dataclass(frozen=True)
class Surroundings:
    """What the hub gives every connector it opens; `transport` lets tests reach a simulator in the same process."""

    connection_id: str
    transport: Any = None
    egress_allow: tuple[str, ...] = ()
    tasks: TaskList | None = None


class Connector(Protocol):
    """One account at one platform.

    `Config` is a pydantic model of everything needed to reach the account; secrets in it are `SecretStr`.
    It yields the form, the validation and the stored (encrypted) record of a connection.
    """

    platform: ClassVar[str]
    Config: ClassVar[type[BaseModel]]

    @classmethod
    def open(cls, config: Any, around: Surroundings) -> Self:
        """Make a client; no I/O here."""

    async def close(self) -> None:
        """Give back sockets."""


# ---- news in ---------------------------------------------------------------------------------------------------------


class Delivery(Frozen):
    """A webhook request as it came in: header names in lower case, the body's raw bytes."""

    topic: str
    event_id: str = Field(description="the platform's id of the event; the same over retries")
    headers: Mapping[str, str]
    body: bytes
    triggered_at: datetime | None = None


@runtime_checkable
class ReceivesWebhooks(Protocol):
    """Verifies and reads webhooks. Both are pure, so that a stored delivery can be read again."""

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Find topic and event id; a hash of the body stands in where the platform sends no id."""

    def verify(self, delivery: Delivery) -> None:
        """Raise ForgedDeliveryError unless a current or the previous secret signed these bytes."""

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        """What it says; an empty tuple: nothing for the hub; None: a topic that this connector does not know.

        Raises UnreadableError (names the field) when the body is not what the platform documents.
        """


class OrderPage(Frozen):
    """Some orders, and the cursor to go on from; `is_last` when no more are there now."""

    orders: tuple[ChannelOrder, ...]
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


# ---- work out: every write is a pair of `do` and `find` --------------------------------------------------------------
# `key` is the effect's stable key: used as the platform's idempotency key where it has one.
# `find` looks the result up by our reference; it proves a write whose answer was lost, and is the read-back of others.


@runtime_checkable
class TakesFulfillmentOrders(Protocol):
    """A place that ships: a 3PL, a warehouse system, a shop."""

    async def send_fulfillment_order(self, request: FulfillmentRequest, key: str) -> SentFulfillmentOrder:
        """Ask for work; sending the same reference twice must not make two orders."""

    async def find_fulfillment_order(self, reference: str) -> SentFulfillmentOrder | None:
        """The order with our reference, None if the platform has none."""

    async def recall_fulfillment_order(self, sent: SentFulfillmentOrder, key: str) -> RecallAnswer:
        """Ask it not to ship. "confirmed" only if the location said so; repeatable."""


@runtime_checkable
class ReportsFulfillment(Protocol):
    """Fulfillment can be polled: the backstop to webhooks, and the answer to silence."""

    async def reports_of(self, sent: SentFulfillmentOrder) -> tuple[FulfillmentReport, ...]:
        """Everything the location now shows of one fulfillment order, oldest first."""


class ShipmentNotice(Frozen):
    """A parcel to be shown to the buyer on the selling channel."""

    reference: str = Field(description="our shipment id")
    order_external_id: str
    location_external_id: str = ""
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    lines: tuple[tuple[str, int], ...] = Field(description="(line external id, units)")
    is_collected: bool = Field(default=False, description="picked up in a store: no tracking to show")


class ShownShipment(Frozen):
    """A parcel as the channel shows it."""

    external_id: str
    tracking_number: str
    carrier: str = ""
    status: str = ""


@runtime_checkable
class TakesTracking(Protocol):
    """Shows shipments to the buyer."""

    async def report_shipment(self, notice: ShipmentNotice, key: str) -> ShownShipment:
        """Add the parcel to the order."""

    async def find_shipment(self, notice: ShipmentNotice) -> ShownShipment | None:
        """The parcel as the channel shows it, found by tracking number (or lines, when collected)."""


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


class PaymentRequest(Frozen):
    """Money to be captured or given back through the platform that holds it."""

    reference: str = Field(description="our id of the movement")
    order_external_id: str
    amount: Money
    parent_external_id: str = Field(default="", description="the authorization or capture it builds on")
    lines: tuple[tuple[str, int], ...] = Field(default=(), description="(line external id, units) refunded")


class ShownPayment(Frozen):
    """A movement of money as the platform shows it."""

    external_id: str
    amount: Money


@runtime_checkable
class TakesPayments(Protocol):
    """The payment port: captures what was authorized."""

    async def capture(self, request: PaymentRequest, key: str) -> ShownPayment:
        """Take money that was authorized."""

    async def find_capture(self, request: PaymentRequest) -> ShownPayment | None:
        """The capture, if it is there."""


@runtime_checkable
class RefundsOrders(Protocol):
    """Gives money back."""

    async def refund(self, request: PaymentRequest, key: str) -> ShownPayment:
        """Give money back; never more than the platform holds (RejectedError)."""

    async def find_refund(self, request: PaymentRequest) -> ShownPayment | None:
        """The refund, if it is there."""


class StockSetting(Frozen):
    """One number to show; `expected` is what the platform last confirmed, None where nothing is known."""

    item_external_id: str
    location_external_id: str
    quantity: int
    expected: int | None = None


class StockResult(Frozen):
    """The outcome for one item of a batch; `shown` is what the platform now shows."""

    setting: StockSetting
    outcome: Literal["confirmed", "rejected", "stale"]
    shown: int | None = None
    code: str = ""


@runtime_checkable
class TakesStockLevels(Protocol):
    """Shows stock to buyers, per place."""

    async def read_stock(self, item_external_ids: tuple[str, ...]) -> tuple[StockSetting, ...]:
        """What the platform shows now."""

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[StockResult, ...]:
        """Set by compare-and-swap where the platform has it; one result per item, one bad item stops no other."""


# ---- onboarding ------------------------------------------------------------------------------------------------------


class Access(Frozen):
    """What the credentials open."""

    account: str
    granted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class RemoteLocation(Frozen):
    """A place as the platform names it, to be mapped to one of ours."""

    external_id: str
    name: str
    country: str = ""
    postal_code: str = ""


class RemoteStock(Frozen):
    """A number found at a platform when a connection is opened."""

    item_external_id: str
    sku: str
    location_external_id: str
    available: int


@runtime_checkable
class CanBeOnboarded(Protocol):
    """What a new connection goes through before it may write."""

    async def check(self) -> Access:
        """Try the credentials; NotAuthorizedError when they are refused."""

    async def locations(self) -> tuple[RemoteLocation, ...]:
        """The places that the account knows."""

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        """All numbers that the account shows now."""


@runtime_checkable
class SubscribesToWebhooks(Protocol):
    """Webhooks are switched on by call, and can be found switched off."""

    async def subscribe(self, address: str) -> tuple[str, ...]:
        """Register every topic that the connector reads at this address; returns the topics; repeatable."""

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:
        """Topics that should be registered and are not (R8)."""


PROTOCOLS: tuple[type, ...] = (
    ReceivesWebhooks,
    GivesOrders,
    TakesFulfillmentOrders,
    ReportsFulfillment,
    TakesTracking,
    CancelsOrders,
    TakesPayments,
    RefundsOrders,
    TakesStockLevels,
    CanBeOnboarded,
    SubscribesToWebhooks,
)


def capabilities(connector: type | object) -> frozenset[str]:
    """The names of the protocols that a connector (class or instance) satisfies."""
    has = connector if isinstance(connector, type) else type(connector)
    return frozenset(protocol.__name__ for protocol in PROTOCOLS if issubclass(has, protocol))


# ---- the effect ledger, as activities see it -------------------------------------------------------------------------


class Effect(Frozen):
    """One write to the outside; `key` names the intended state and its version (stock 5, 7, 5 is three effects)."""

    key: str
    kind: str
    connection_id: str
    order_id: str | None = None


class Begun(Frozen):
    """What an attempt may do: call, look first whether an earlier call landed, nothing (done), or wait (held)."""

    state: Literal["call", "look_first", "done", "held"]
    called_at: datetime | None = None


class EffectLedger(Protocol):
    """Where effects are kept; settling one is the business of whoever records the fact that it makes true."""

    async def begin(self, effect: Effect) -> Begun:
        """Commit the intent."""

    async def called_again(self, key: str) -> None:
        """The first call has provably not landed."""

    async def not_done(self, key: str, code: str) -> None:
        """The platform said that it did nothing."""

    async def doubt(self, key: str, code: str) -> None:
        """Nobody knows yet."""

    async def pause(self, connection_id: str, kind: str, reason: str) -> None:
        """Credentials were refused: stop writing to the connection (kind empty), or this kind of write."""
