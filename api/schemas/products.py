"""Products over the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from api.schemas.orders import FromRow
from api.schemas.text import Name, Prose, Strict, Word
from domain.catalog.dictionary import AttributeType, Code
from domain.catalog.document import document
from domain.catalog.findings import Finding, Gate, waiver_role
from domain.catalog.gates import Checked
from domain.catalog.product import LONGEST_TEXT, Product
from domain.money import Money

ProductIn = Annotated[
    dict[str, Any],
    Field(
        description="a product: title, state, description, brand, category, tags, attributes, options, media, overrides, "
        "and variants by SKU; docs/catalog.md shows one"
    ),
]
assert LONGEST_TEXT < 1024 * 1024, "the longest text must fit into a request"


class ProductOut(BaseModel):
    """A product; `product` can be changed and sent back. `version` counts its changes."""

    id: str
    version: int
    product: dict[str, Any]

    @classmethod
    def of(cls, product: Product, version: int) -> "ProductOut":
        return cls(id=product.id, version=version, product=document(product))


class SavedOut(ProductOut):
    """What became of it."""

    outcome: Literal["created", "changed", "same"]
    changed: list[str]


class ProductSummary(BaseModel):
    """One line of a list."""

    id: str
    title: str
    state: str
    category: str
    skus: list[str]


class ProductList(BaseModel):
    """A page; `next` goes on from the last of them, null on the last page."""

    products: list[ProductSummary]
    next: str | None


class FieldChangeOut(FromRow):
    """One field that changed; an empty `field` is the product's making."""

    id: int
    field: str
    before: Any
    after: Any
    actor: str
    side: str
    at: datetime


class FieldOut(BaseModel):
    """One field as the channel would get it; `original` is what was cut or cleaned, `findings` what stands against it."""

    field: str
    sku: str
    value: Any
    source: str
    owner: str
    original: Any
    findings: list[str]


class PriceOut(BaseModel):
    """What a variant costs there."""

    sku: str
    price: Money | None
    compare_at: Money | None


class FindingOut(Finding):
    """A finding; `waiver_role` is who may waive it (empty: nobody, it must be mended)."""

    waiver_role: str


class CheckOut(BaseModel):
    """The listing as it would be; nothing may be published while `passes` is false."""

    product: str
    channel: str
    form_version: str
    passes: bool
    kind: str
    fields: list[FieldOut]
    prices: list[PriceOut]
    media: list[str]
    findings: list[FindingOut]

    @classmethod
    def of(cls, answer: Checked) -> "CheckOut":
        filled = answer.filled
        against: dict[tuple[str, str], list[str]] = {}
        for finding in answer.findings:
            against.setdefault((finding.sku, finding.field), []).append(finding.text)
        return cls(
            product=filled.product_id, channel=filled.channel, form_version=filled.form_version, passes=answer.passes,
            kind=filled.kind, media=list(filled.media),
            findings=[
                FindingOut(**found.model_dump(), waiver_role=waiver_role(found.gate)) for found in answer.findings
            ],
            fields=[
                FieldOut(
                    field=one.to, sku=one.sku, value=one.value, source=one.source, owner=one.owner,
                    original=one.original, findings=against.get((one.sku, one.to), []),
                )
                for one in filled.fields
            ],
            prices=[PriceOut(sku=tag.sku, price=tag.price, compare_at=tag.compare_at) for tag in filled.tags],
        )  # fmt: skip


class MediaOut(BaseModel):
    """What was read of one picture."""

    url: str
    problem: str
    format: str
    width: int
    height: int
    size: int
    sha256: str


class WaiverIn(Strict):
    """Who sends it answers for what the gate finds; empty `sku` and `field` stand for all of them."""

    channel: Name
    gate: Gate
    sku: Word = ""
    field: Word = ""
    reason: Prose
    until: AwareDatetime | None = None


class WaiverOut(FromRow):
    """A waiver with its approver."""

    id: int
    connection_id: str
    gate: str
    sku: str
    field: str
    reason: str
    approver: str
    role: str
    at: datetime
    until: datetime | None
    revoked_at: datetime | None


class AttributeIn(Strict):
    """An attribute; its type is fixed once it is made."""

    label: Name
    type: AttributeType = "text"
    unit: Word = ""
    choices: tuple[Name, ...] = Field(default=(), max_length=500)
    is_compliance: bool = False


class CategoryIn(Strict):
    """A category; what it requires holds below it as well."""

    name: Name
    parent: Word = ""
    required_attributes: tuple[Code, ...] = Field(default=(), max_length=100)


class ImportIn(Strict):
    """A file's name, and a digest of it by which an interrupted import is found again."""

    name: Name
    digest: Word = ""


class ImportRowsIn(Strict):
    """Products, or parts of them, as merge patches with an `id`; `first` is the number of the first row in the file."""

    first: Annotated[int, Field(ge=1, le=10_000_000)]
    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]


class ImportOut(BaseModel):
    """An import with its progress: `counts` are rows by what became of them."""

    id: str
    name: str
    actor: str
    created_at: datetime
    complete: bool
    finished_at: datetime | None
    counts: Mapping[str, int]


class ImportRowOut(FromRow):
    """What became of one row."""

    line: int
    product_id: str
    sku: str
    state: str
    detail: str
