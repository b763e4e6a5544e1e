"""Square's shapes, as far as the hub reads them: every field may be missing, quantities and times are texts."""

from decimal import Decimal, InvalidOperation
from math import ceil, floor
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

T = TypeVar("T")

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Many = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value)]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 12 else None


class Measured(Shape):
    """Something with a quantity, which Square writes with up to five decimal places for goods by weight."""

    quantity: Text = ""

    @property
    def whole(self) -> int | None:
        """Units that are there for sure; None where the text is no number."""
        number = _number(self.quantity)
        return None if number is None else floor(number)

    @property
    def gone(self) -> int | None:
        """Units that were touched by it; None where the text is no number."""
        number = _number(self.quantity)
        return None if number is None else ceil(number)


class SquareError(Shape):
    category: Text = ""
    code: Text = ""
    field: Text = ""


class Errors(Shape):
    errors: Many[SquareError] = ()


class Page(Shape):
    """Some things, and the cursor to the next page; it lives for five minutes."""

    cursor: Text = ""


class Count(Measured):
    """How many are in a state at a place, as Square reckons it from counts and movements."""

    catalog_object_id: Text = ""
    location_id: Text = ""
    state: Text = ""
    calculated_at: AwareDatetime | None = None


class Counts(Page):
    counts: Many[Count] = ()


class PhysicalCount(Measured):
    """Somebody counted; `reference_id` is the writer's own."""

    id: Text = ""
    reference_id: Text = ""
    catalog_object_id: Text = ""
    location_id: Text = ""
    state: Text = ""
    occurred_at: AwareDatetime | None = None


class Change(Shape):
    type: Text = ""
    physical_count: PhysicalCount | None = None


class Changes(Page):
    changes: Many[Change] = ()


class SquareMoney(Shape):
    """Minor units."""

    amount: int | None = None
    currency: Text = ""


class OrderLine(Measured):
    uid: Text = ""
    catalog_object_id: Text = ""
    item_type: Text = ""


class Fulfillment(Shape):
    type: Text = ""


class SquareOrder(Shape):
    id: str
    location_id: Text = ""
    state: Text = ""
    ticket_name: Text = ""
    line_items: Many[OrderLine] = ()
    fulfillments: Many[Fulfillment] = ()
    total_money: SquareMoney | None = None
    closed_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class OneOrder(Shape):
    order: SquareOrder


class FoundOrder(Shape):
    """An order of a search, not read yet: one that cannot be read must not take its page with it."""

    model_config = ConfigDict(extra="allow")

    id: str


class Orders(Page):
    orders: Many[FoundOrder] = ()


class VariationData(Shape):
    sku: Text = ""


class CatalogObject(Shape):
    id: str
    type: Text = ""
    item_variation_data: VariationData = VariationData()


class Catalog(Page):
    objects: Many[CatalogObject] = ()


class PlaceAddress(Shape):
    postal_code: Text = ""


class Place(Shape):
    id: str
    name: Text = ""
    status: Text = ""
    country: Text = ""
    address: PlaceAddress = PlaceAddress()


class Places(Shape):
    locations: Many[Place] = ()


class Token(Shape):
    """What an access token may do."""

    scopes: Many[str] = ()
    merchant_id: str


class Subscription(Shape):
    id: str
    enabled: bool = False
    event_types: Many[str] = ()
    notification_url: Text = ""


class Subscriptions(Page):
    subscriptions: Many[Subscription] = ()
