"""Stripe's shapes, as far as the hub reads them; a reference may be an id or the object itself (`expand`)."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from connectors.stripe.amounts import from_stripe
from domain.errors import DomainError
from domain.money import Money, exponent

T = TypeVar("T")

REFERENCE = "tutti_reference"
"""The key of `metadata` under which our id of a movement travels."""


def _id_of(value: Any) -> Any:
    if isinstance(value, dict):
        value = value.get("id")
    return "" if value is None else value


def _iso(value: str) -> str:
    """Stripe writes currencies in small letters."""
    try:
        exponent(value.upper())
    except DomainError:
        raise ValueError("not a currency") from None
    return value.upper()


Currency = Annotated[str, AfterValidator(_iso)]
Ref = Annotated[str, BeforeValidator(_id_of)]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Metadata = Annotated[dict[str, str], BeforeValidator(lambda value: {} if value is None else value)]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class StripeFailure(Shape):
    code: Text = ""
    decline_code: Text = ""
    type: Text = ""
    param: Text = ""


class StripeErrorBody(Shape):
    error: StripeFailure


class StripeIntent(Shape):
    """A payment. `amount_received` is optional in Stripe's contract: then a capture took the whole amount."""

    id: str
    amount: int
    currency: Currency
    status: str
    amount_received: int | None = None
    amount_capturable: int | None = None
    last_payment_error: StripeFailure | None = None

    @property
    def received(self) -> Money:
        whole = self.amount if self.amount_received is None else self.amount_received
        return from_stripe(whole, self.currency)

    @property
    def authorized(self) -> Money:
        whole = self.amount if self.amount_capturable is None else self.amount_capturable
        return from_stripe(whole, self.currency)

    @property
    def whole(self) -> Money:
        return from_stripe(self.amount, self.currency)


class StripeRefund(Shape):
    id: str
    amount: int
    currency: Currency
    charge: Ref = ""
    payment_intent: Ref = ""
    status: Text = ""
    failure_reason: Text = ""
    metadata: Metadata = {}

    @property
    def money(self) -> Money:
        return from_stripe(self.amount, self.currency)

    @property
    def reference(self) -> str:
        return self.metadata.get(REFERENCE, "")


class StripeDispute(Shape):
    id: str
    amount: int
    currency: Currency
    charge: Ref = ""
    payment_intent: Ref = ""
    status: Text = ""
    reason: Text = ""


class StripeList(Shape, Generic[T]):
    data: tuple[T, ...]
    has_more: bool = False


class StripeCharge(Shape):
    """Only what `charge.refunded` may carry; newer API versions leave the list of refunds out."""

    id: str
    refunds: StripeList[StripeRefund] | None = None


class StripeAccount(Shape):
    id: str
    charges_enabled: bool | None = None


class StripeEnvelope(Shape):
    """What identifies an event, without looking into it."""

    id: Text = ""
    type: Text = ""
    created: AwareDatetime | None = None


class StripeData(Shape, Generic[T]):
    object: T


class StripeEvent(Shape, Generic[T]):
    created: AwareDatetime
    data: StripeData[T]
