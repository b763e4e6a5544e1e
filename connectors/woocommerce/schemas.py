"""WooCommerce's shapes, as far as the hub reads them: lenient, since plugins add fields and change their types."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, TypeAdapter

T = TypeVar("T")

ANY_JSON: TypeAdapter[Any] = TypeAdapter(Any)
"""Reads JSON of unknown shape; its only error is ValidationError, also for nesting that exhausts json.loads."""


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: Any) -> Any:
    """PHP writes numbers as texts or as numbers, and nothing as null or false."""
    if value is None or value is False:
        return ""
    return str(value) if isinstance(value, int | float | Decimal) else value


Moment = Annotated[datetime, AfterValidator(_aware)]
Text = Annotated[str, BeforeValidator(_text)]
Many = Annotated[tuple[T, ...], BeforeValidator(lambda value: value or ())]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class WooMeta(Shape):
    key: Text = ""
    value: Any = None


class WooImage(Shape):
    id: int = 0
    src: Text = ""


class WooTerm(Shape):
    """A category or tag."""

    id: int


class WooAttribute(Shape):
    """Of a product its options, of a variation the one that it stands for; Woo keeps them by name."""

    name: Text = ""
    options: Many[str] = ()
    option: Text = ""
    visible: bool = True
    variation: bool = False


class WooVariation(Shape):
    id: int
    sku: Text = ""
    status: Text = ""
    regular_price: Text = ""
    sale_price: Text = ""
    manage_stock: Any = False
    stock_quantity: int | None = None
    weight: Text = ""
    attributes: Many[WooAttribute] = ()
    date_modified_gmt: Moment | None = None

    @property
    def counts_itself(self) -> bool:
        """Whether it has a number of its own; the text `parent` means that the product counts for all of them."""
        return self.manage_stock is True


class WooProduct(WooVariation):
    name: Text = ""
    type: Text = ""
    parent_id: int = 0
    slug: Text = ""
    catalog_visibility: Text = "visible"
    description: Text = ""
    short_description: Text = ""
    purchase_note: Text = ""
    tax_status: Text = ""
    tax_class: Text = ""
    shipping_class: Text = ""
    featured: bool = False
    virtual: bool = False
    categories: Many[WooTerm] = ()
    tags: Many[WooTerm] = ()
    images: Many[WooImage] = ()
    meta_data: Many[WooMeta] = ()

    @property
    def is_variable(self) -> bool:
        return self.type == "variable"

    def meta(self, key: str) -> Any:
        return next((entry.value for entry in self.meta_data if entry.key == key), None)


class WooErrorData(Shape):
    resource_id: int | None = None
    params: Any = None


class WooError(Shape):
    """A refusal; the message may repeat what was sent."""

    code: Text = ""
    message: Text = ""
    data: Annotated[WooErrorData, BeforeValidator(lambda value: value if isinstance(value, dict) else {})] = (
        WooErrorData()
    )


class BatchItem(Shape):
    """One answer of a batch: a thing, or an error in its place."""

    id: int = 0
    status: Text = ""
    stock_quantity: int | None = None
    error: WooError | None = None


class Batch(Shape, Generic[T]):
    """The answers of a batch, in the order of what was asked."""

    create: Many[T] = ()
    update: Many[T] = ()
    delete: Many[T] = ()


class PublicPrices(Shape):
    """Minor units, with the currency and its places beside them."""

    price: Text = ""
    currency_code: Text = ""
    currency_minor_unit: int = 2


class PublicProduct(Shape):
    """A product of the Store API."""

    id: int
    parent: int = 0
    type: Text = ""
    name: Text = ""
    sku: Text = ""
    prices: PublicPrices = PublicPrices()
    images: Many[WooImage] = ()
    is_purchasable: bool = False
    is_in_stock: bool = False


class WooWebhook(Shape):
    id: int
    status: Text = ""
    topic: Text = ""
    delivery_url: Text = ""


class WooSetting(Shape):
    id: str
    value: Any = None


class WooEnvironment(Shape):
    home_url: Text = ""
    version: Text = ""


class WooShopSettings(Shape):
    currency: Text = ""


class WooStatus(Shape):
    environment: WooEnvironment
    settings: WooShopSettings
