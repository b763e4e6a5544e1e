"""What Shopify answers about products."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime

from connectors.shopify.answers import Done, Id, Page
from connectors.shopify.schemas import Nodes, Shape, Text, digits


class Place(Id):
    name: str


class ListingShop(Shape):
    class Shop(Shape):
        currency: str

    shop: Shop
    publications: Annotated[tuple[Place, ...], Nodes] = ()


class Option(Shape):
    name: str
    value: str


class ShownVariant(Id):
    sku: Text = ""
    price: Decimal
    compare_at: Decimal | None = None
    barcode: str | None = None
    taxable: bool = True
    options: tuple[Option, ...] = ()
    item: Mapping[str, Any] = {}


class Medium(Shape):
    """`image` is there once Shopify has fetched it."""

    class Image(Shape):
        url: str

    class Error(Shape):
        code: str

    id: str
    status: str
    errors: tuple[Error, ...] = ()
    image: Image | None = None


class Metafield(Shape):
    namespace: str
    key: str
    type: str
    value: str


class Published(Shape):
    publication: Id


class Value(Shape):
    value: str


class ShownProduct(Id):
    title: str
    handle: str
    status: str
    vendor: Text = ""
    tags: tuple[str, ...] = ()
    description_html: Text = ""
    product_type: Text = ""
    updated_at: AwareDatetime
    seo: Mapping[str, Any] = {}
    category: Id | None = None
    reference: Value | None = None
    metafields: Annotated[tuple[Metafield, ...], Nodes] = ()
    media: Annotated[tuple[Medium, ...], Nodes] = ()
    publications: Annotated[tuple[Published, ...], Nodes] = ()
    variants: Page[ShownVariant]

    @property
    def places(self) -> frozenset[str]:
        return frozenset(digits(one.publication.id) for one in self.publications)


class MoreVariants(Shape):
    class Found(Shape):
        variants: Page[ShownVariant]

    found: Found


class VariantOwner(Shape):
    sku: Text = ""
    product: Id


class Owners(Shape):
    nodes: tuple[VariantOwner, ...] = ()


class Put(Done):
    product: Id | None = None


class State(Id):
    status: str


class States(Shape):
    found: tuple[State | None, ...]


class Price(Shape):
    amount: Decimal
    currency: str


class PublicVariant(Shape):
    sku: Text = ""
    price: Price


class PublicProduct(Id):
    title: str
    is_buyable: bool
    images: Annotated[tuple[Medium.Image, ...], Nodes] = ()
    variants: Annotated[tuple[PublicVariant, ...], Nodes] = ()


class PublicProducts(Shape):
    found: tuple[PublicProduct | None, ...]
