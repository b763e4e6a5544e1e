"""An order that a person or a file brings."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from api.schemas.actions import AddressIn
from api.schemas.text import Amount, Name, Strict, Word
from domain.channel_order import BothMoney, Buyer, ChannelLine, ChannelOrder, ChannelTender
from domain.money import Money, exponent

_LARGEST = 2_000_000_000


class BuyerIn(Strict):
    """Who bought."""

    name: Word = ""
    email: str = Field(default="", max_length=254, pattern=r"^([^@\s\x00]+@[^@\s\x00]+)?$")
    phone: Word = ""


class OrderLineIn(Strict):
    """One line; discount and tax are of the whole line."""

    sku: Name
    title: Word = ""
    quantity: Annotated[int, Field(ge=1, le=100_000)]
    unit_price_minor: Amount = 0
    discount_minor: Amount = 0
    tax_minor: Amount = 0
    weight_g: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    requires_shipping: bool = True

    @property
    def total_minor(self) -> int:
        """What the line costs the buyer."""
        return self.quantity * self.unit_price_minor - self.discount_minor + self.tax_minor


class OrderIn(Strict):
    """An order by phone, at the counter or from a file; amounts in the smallest unit of `currency`."""

    reference: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9._-]{1,60}$", description="your own number for it; unique"
    )
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")
    lines: list[OrderLineIn] = Field(min_length=1, max_length=500)
    placed_at: AwareDatetime | None = None
    payment: Literal["pending", "authorized", "paid"] = "paid"
    payment_reference: str = Field(
        default="", pattern=r"^[A-Za-z0-9_-]{0,255}$",
        description="the payment provider's id of the payment, such as pi_…; the hub captures, voids and refunds it there",
    )  # fmt: skip
    shipping_minor: Amount = 0
    delivery: Literal["ship", "pickup"] = "ship"
    pickup_location: Word = ""
    service: Word = ""
    promised_on: date | None = Field(default=None, description="the day by which the buyer was told to have it")
    ship_complete: bool = Field(default=False, description="nothing leaves before all of it can")
    ship_to: AddressIn | None = None
    buyer: BuyerIn = BuyerIn()
    tags: list[Name] = Field(default=[], max_length=50)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.delivery == "ship" and self.ship_to is None:
            raise ValueError("ship_to is missing; an order that is shipped needs an address")
        if self.delivery == "pickup" and not self.pickup_location:
            raise ValueError("pickup_location is missing; an order that is picked up needs one")
        if any(line.total_minor < 0 for line in self.lines):
            raise ValueError("a line's discount_minor is larger than the line")
        if self.payment_reference and self.payment == "pending":
            raise ValueError("payment_reference: a payment that is pending has none yet; say authorized or paid")
        if self.total_minor > _LARGEST:
            raise ValueError(f"the total is larger than {_LARGEST}")
        return self

    @property
    def total_minor(self) -> int:
        """What the buyer pays."""
        return sum(line.total_minor for line in self.lines) + self.shipping_minor

    def channel_order(self, key: str, now: datetime) -> ChannelOrder:
        """In the words of the domain; without a reference the idempotency key names the order."""
        exponent(self.currency)
        name = self.reference or f"M-{hashlib.sha256(key.encode()).hexdigest()[:12].upper()}"
        return ChannelOrder(
            external_id=name,
            number=name,
            placed_at=self.placed_at or now,
            updated_at=now,
            source="manual",
            financial=self.payment,
            tenders=self._tenders(now),
            lines=tuple(self._line(number, line) for number, line in enumerate(self.lines, start=1)),
            subtotal=self._both(sum(line.quantity * line.unit_price_minor for line in self.lines)),
            discounts=self._both(sum(line.discount_minor for line in self.lines)),
            shipping=self._both(self.shipping_minor),
            tax=self._both(sum(line.tax_minor for line in self.lines)),
            total=self._both(self.total_minor),
            delivery=self.delivery,
            pickup_location_external_id=self.pickup_location,
            service=self.service,
            promised_on=self.promised_on,
            ship_complete=self.ship_complete,
            ship_to=self.ship_to.address() if self.ship_to else None,
            buyer=Buyer.model_validate(self.buyer.model_dump()),
            tags=tuple(self.tags),
        )

    def _tenders(self, now: datetime) -> tuple[ChannelTender, ...]:
        if not self.payment_reference or not self.total_minor:
            return ()
        kind: Literal["captured", "authorized"] = "captured" if self.payment == "paid" else "authorized"
        amount = Money(amount_minor=self.total_minor, currency=self.currency)
        return (ChannelTender(external_id=self.payment_reference, tender="card", kind=kind, amount=amount, at=now),)

    def _line(self, number: int, line: OrderLineIn) -> ChannelLine:
        return ChannelLine(
            external_id=str(number),
            sku=line.sku,
            title=line.title,
            quantity=line.quantity,
            current_quantity=line.quantity,
            unit_price=self._both(line.unit_price_minor),
            discount=self._both(line.discount_minor),
            tax=self._both(line.tax_minor),
            weight_g=line.weight_g,
            requires_shipping=line.requires_shipping,
        )

    def _both(self, amount_minor: int) -> BothMoney:
        amount = Money(amount_minor=amount_minor, currency=self.currency)
        return BothMoney(shop=amount, presentment=amount)


class TakenOut(BaseModel):
    """The order that was made."""

    order_id: str
    number: str
