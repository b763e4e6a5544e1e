"""Work given to a place that ships, and parcels shown to the buyer."""

from typing import Protocol, runtime_checkable

from pydantic import Field

from domain.base import Frozen
from domain.fulfillment import FulfillmentReport, FulfillmentRequest, RecallAnswer, SentFulfillmentOrder


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
    shown_as: str = Field(default="", description="the channel's id of the parcel that it shows with other tracking")
    version: int = Field(default=1, description="later tracking is another effect")


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
        """Add the parcel to the order; where the channel shows it already (`shown_as`), correct its tracking."""

    async def find_shipment(self, notice: ShipmentNotice) -> ShownShipment | None:
        """The parcel as the channel shows it, found by tracking number (or lines, when collected)."""
