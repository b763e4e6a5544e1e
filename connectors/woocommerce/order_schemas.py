"""WooCommerce's orders and refunds, as far as the hub reads them."""

from typing import Any

from pydantic import ConfigDict

from connectors.woocommerce.schemas import Many, Moment, Shape, Text, WooMeta


class WooAddress(Shape):
    first_name: Text = ""
    last_name: Text = ""
    company: Text = ""
    address_1: Text = ""
    address_2: Text = ""
    city: Text = ""
    state: Text = ""
    postcode: Text = ""
    country: Text = ""
    email: Text = ""
    phone: Text = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class WooLine(Shape):
    """Amounts are without tax, whatever the shop shows to its buyers."""

    id: int
    name: Text = ""
    sku: Text = ""
    product_id: int = 0
    variation_id: int = 0
    quantity: int
    subtotal: Text = ""
    total: Text = ""
    total_tax: Text = ""
    meta_data: Many[WooMeta] = ()

    @property
    def refunded_line(self) -> str:
        """In a refund: the line of the order that it is about."""
        return next((str(entry.value) for entry in self.meta_data if entry.key == "_refunded_item_id"), "")


class WooShipping(Shape):
    method_id: Text = ""
    method_title: Text = ""
    instance_id: Text = ""


class WooRefundEntry(Shape):
    """A refund as an order lists it; the total is negative."""

    id: int
    total: Text = ""


class WooOrder(Shape):
    id: int
    number: Text = ""
    status: Text = ""
    currency: str
    created_via: Text = ""
    date_created_gmt: Moment
    date_modified_gmt: Moment
    date_paid_gmt: Moment | None = None
    discount_total: Text = ""
    shipping_total: Text = ""
    total: Text = ""
    total_tax: Text = ""
    customer_id: int = 0
    payment_method: Text = ""
    billing: WooAddress = WooAddress()
    shipping: WooAddress = WooAddress()
    line_items: Many[WooLine] = ()
    shipping_lines: Many[WooShipping] = ()
    refunds: Many[WooRefundEntry] = ()
    needs_processing: bool | None = None
    meta_data: Many[WooMeta] = ()


class AnyOrder(Shape):
    """An order of a list, not read yet: one that cannot be read must not take its page with it."""

    model_config = ConfigDict(extra="allow")

    id: int
    status: Text = ""
    date_modified_gmt: Moment
    __pydantic_extra__: dict[str, Any]


class WooRefund(Shape):
    id: int
    amount: Text = ""
    date_created_gmt: Moment | None = None
    refunded_payment: bool = False
    line_items: Many[WooLine] = ()
    meta_data: Many[WooMeta] = ()

    def meta(self, key: str) -> Any:
        return next((entry.value for entry in self.meta_data if entry.key == key), None)


class WooNote(Shape):
    id: int
    note: Text = ""
