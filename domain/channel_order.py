"""An order as its sales channel tells it: one snapshot of the whole, personal data included."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from domain.base import Frozen
from domain.money import Money

Financial = Literal[
    "pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided", "expired"
]
Risk = Literal["none", "low", "medium", "high"]
Delivery = Literal["ship", "pickup", "none"]
TenderKind = Literal["authorized", "captured", "refunded", "voided", "failed"]


class Address(Frozen):
    """Where a parcel goes. Personal data: lives encrypted in the database and in the call that must send it."""

    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    province: str = ""
    postal_code: str = ""
    country: str = Field(default="", description="ISO 3166-1 alpha-2")
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @property
    def is_complete(self) -> bool:
        """Enough for a carrier: a street, a city and a country."""
        return bool(self.line1 and self.city and self.country)


class Buyer(Frozen):
    """Who bought. Personal data."""

    external_id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""


class BothMoney(Frozen):
    """One amount in the shop's currency and in the one that the buyer saw."""

    shop: Money
    presentment: Money


class ChannelLine(Frozen):
    """One line; `quantity` as first ordered, `current_quantity` after edits, removals and refunds of unsent units."""

    external_id: str
    sku: str = ""
    title: str = ""
    quantity: int
    current_quantity: int
    unit_price: BothMoney
    discount: BothMoney
    tax: BothMoney
    weight_g: int = 0
    requires_shipping: bool = True


class ChannelTender(Frozen):
    """One movement of money as the channel recorded it."""

    external_id: str
    tender: str = Field(description="gateway or means of payment, e.g. shopify_payments, gift_card, manual")
    kind: TenderKind
    amount: Money
    at: datetime
    parent_external_id: str = ""


class ChannelOrder(Frozen):
    """The order's whole state at the channel at `updated_at`; a later snapshot replaces an earlier one."""

    external_id: str
    number: str
    placed_at: datetime
    updated_at: datetime
    canceled_at: datetime | None = None
    source: str = Field(default="", description="the channel within the connection, e.g. web, pos, a marketplace")
    financial: Financial
    lines: tuple[ChannelLine, ...]
    subtotal: BothMoney
    discounts: BothMoney
    shipping: BothMoney
    tax: BothMoney
    total: BothMoney
    tenders: tuple[ChannelTender, ...] = ()
    delivery: Delivery | None = Field(
        default="ship", description="None: not to be told from this snapshot; a pickup that is known stays one"
    )
    pickup_location_external_id: str = ""
    service: str = Field(default="", description="the shipping service that the buyer chose")
    promised_on: date | None = Field(
        default=None, description="the day by which the buyer was told to have it; None: this snapshot does not tell"
    )
    ship_complete: bool = Field(default=False, description="nothing leaves before all of it can")
    ship_to: Address | None = None
    buyer: Buyer = Buyer()
    tags: tuple[str, ...] = ()
    risk: Risk | None = Field(default=None, description="None: this snapshot does not tell")
    holds: tuple[str, ...] | None = Field(
        default=None,
        description="reasons for which the channel holds the order back; None: this snapshot does not tell",
    )
    shipped_externally: tuple[tuple[str, int], ...] = Field(
        default=(), description="(line external id, units) that the channel already counts as fulfilled"
    )
    is_test: bool = False
