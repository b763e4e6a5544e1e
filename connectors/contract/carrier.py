"""Labels bought from a carrier, and what its scans say of a parcel."""

from typing import Protocol, runtime_checkable

from pydantic import Field

from domain.base import Frozen
from domain.channel_order import Address
from domain.money import Money
from domain.parcel import ParcelScan


class LabelRequest(Frozen):
    """A parcel to be sent; addresses are personal data and live no longer than the call."""

    reference: str = Field(description="our id of the parcel; the same reference never buys two labels")
    sender: Address
    receiver: Address
    weight_g: int
    service: str = Field(default="", description="the carrier's service code; empty for the account's default")
    is_return: bool = True


class Label(Frozen):
    """A label that was bought; the document is at `document_url` in the platform's own keeping."""

    external_id: str
    carrier: str
    tracking_number: str
    document_url: str
    cost: Money
    is_voided: bool = False


@runtime_checkable
class BuysLabels(Protocol):
    """Sells labels. `find_label` is the look-up and read-back of both writes."""

    async def buy_label(self, request: LabelRequest, key: str) -> Label:
        """Buy one."""

    async def find_label(self, request: LabelRequest) -> Label | None:
        """The label with our reference, voided or not; None if none was bought."""

    async def void_label(self, label: Label, key: str) -> Label:
        """Give it back; RejectedError once it was scanned."""


@runtime_checkable
class TracksParcels(Protocol):
    """Knows where a parcel is: the backstop to the carrier's webhooks."""

    async def scans_of(self, carrier: str, tracking_number: str) -> tuple[ParcelScan, ...]:
        """Every scan so far, oldest first; empty for a parcel that the carrier has not seen."""
