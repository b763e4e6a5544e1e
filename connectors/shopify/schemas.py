"""Shopify's own shapes: webhook bodies, and answers to our documents under the same field names.

Lenient on purpose: every field that the hub can do without is optional, since official samples lack or null most.
Source: https://shopify.dev/docs/api/webhooks/latest
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


def _nodes(value: Any) -> Any:
    """A list, whether it came as a list, as a connection, as a single object or as null."""
    if value is None:
        return ()
    if isinstance(value, dict):
        return value.get("nodes", (value,)) if "nodes" in value else (value,)
    return value


def _words(value: Any) -> Any:
    """Tags come as one comma-separated string in webhooks and as a list in answers."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value or ()


Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Word = Annotated[str, BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value or "")]
Flag = Annotated[bool, BeforeValidator(bool)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Nodes = BeforeValidator(_nodes)


class ShopifyMoney(Shape):
    amount: Decimal
    currency_code: str


class ShopifyMoneySet(Shape):
    shop_money: ShopifyMoney
    presentment_money: ShopifyMoney


class Thing(Shape):
    """Anything with an id; the numeric one of webhooks can be rounded by JavaScript, the global one is exact."""

    id: Any = None
    admin_graphql_api_id: Text = ""

    @property
    def external_id(self) -> str:
        """The id as digits, the same from webhooks and from answers."""
        return digits(self.admin_graphql_api_id) or digits(self.id)


def digits(some_id: Any) -> str:
    """The number at the end of an id in any of Shopify's forms; empty where there is none."""
    tail = str(some_id or "").rpartition("/")[2].partition("?")[0]
    return tail if tail.isdecimal() else ""


class ShopifyShare(Shape):
    amount_set: ShopifyMoneySet | None = None


class ShopifyTax(Shape):
    price_set: ShopifyMoneySet | None = None


class ShopifyWeight(Shape):
    value: float = 0
    unit: Word = "grams"


class ShopifyLine(Thing):
    sku: Text = ""
    title: Text = ""
    quantity: int
    current_quantity: int | None = None
    unfulfilled_quantity: int | None = None
    requires_shipping: bool | None = None
    grams: int | None = None
    weight: ShopifyWeight | None = None
    price: Decimal | None = None
    price_set: ShopifyMoneySet | None = None
    total_discount_set: ShopifyMoneySet | None = None
    discount_allocations: Annotated[tuple[ShopifyShare, ...], Nodes] = ()
    tax_lines: Annotated[tuple[ShopifyTax, ...], Nodes] = ()


class ShopifyAddress(Shape):
    name: Text = ""
    company: Text = ""
    address1: Text = ""
    address2: Text = ""
    city: Text = ""
    province: Text = ""
    zip: Text = ""
    country_code: Text = ""
    phone: Text = ""
    latitude: float | None = None
    longitude: float | None = None


class ShopifyCustomer(Thing):
    name: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    phone: Text = ""


class ShopifyShippingLine(Shape):
    title: Text = ""
    code: Text = ""
    delivery_category: Word = ""


class ShopifyTransaction(Thing):
    kind: Word = ""
    status: Word = ""
    gateway: Text = ""
    amount: Decimal | None = None
    currency: str | None = None
    amount_set: ShopifyMoneySet | None = None
    created_at: datetime | None = None
    parent_id: Any = None
    parent: Thing | None = None


class ShopifyRefund(Thing):
    order_id: Any = None
    note: Text = ""
    created_at: AwareDatetime
    transactions: Annotated[tuple[ShopifyTransaction, ...], Nodes] = ()


class ShopifyFulfillment(Thing):
    status: Word = ""
    line_items: tuple[ShopifyLine, ...] = ()


class ShopifyHold(Shape):
    reason: Word = "other"


class ShopifyDelivery(Shape):
    method: Word = ""
    until: AwareDatetime | None = None


class ShopifyAttribute(Shape):
    """What the storefront noted with the order, by name."""

    name: Text = ""
    value: Text = ""


class ShopifyAssigned(Shape):
    location: Thing | None = None


class ShopifyFulfillmentOrder(Thing):
    status: Word = ""
    holds: tuple[ShopifyHold, ...] = ()
    delivery: ShopifyDelivery | None = None
    assigned: ShopifyAssigned | None = None


class ShopifyAssessment(Shape):
    level: Word = ""


class ShopifyRisk(Shape):
    assessments: tuple[ShopifyAssessment, ...] = ()


class ShopifyOrder(Thing):
    """An order as a webhook tells it, or as our document asks for it (the fields from `risk` on)."""

    name: Text = ""
    created_at: AwareDatetime
    updated_at: AwareDatetime
    cancelled_at: AwareDatetime | None = None
    source_name: Text = ""
    currency: str
    presentment_currency: str | None = None
    financial_status: Word = ""
    email: Text = ""
    phone: Text = ""
    tags: Words = ()
    note_attributes: Annotated[tuple[ShopifyAttribute, ...], Nodes] = ()
    test: Flag = False
    location_id: Any = None
    customer: ShopifyCustomer | None = None
    shipping_address: ShopifyAddress | None = None
    shipping_lines: Annotated[tuple[ShopifyShippingLine, ...], Nodes] = ()
    line_items: Annotated[tuple[ShopifyLine, ...], Nodes]
    subtotal_price: Decimal | None = None
    subtotal_price_set: ShopifyMoneySet | None = None
    total_discounts: Decimal | None = None
    total_discounts_set: ShopifyMoneySet | None = None
    total_shipping_price_set: ShopifyMoneySet | None = None
    total_tax: Decimal | None = None
    total_tax_set: ShopifyMoneySet | None = None
    total_price: Decimal | None = None
    total_price_set: ShopifyMoneySet | None = None
    refunds: Annotated[tuple[ShopifyRefund, ...], Nodes] = ()
    fulfillments: Annotated[tuple[ShopifyFulfillment, ...], Nodes] = ()
    risk: ShopifyRisk | None = None
    transactions: Annotated[tuple[ShopifyTransaction, ...], Nodes] = ()
    fulfillment_orders: Annotated[tuple[ShopifyFulfillmentOrder, ...] | None, Nodes] = None
