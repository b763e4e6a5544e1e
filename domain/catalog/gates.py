"""The gates before publication: everything that stands between a product and a channel, found at once; pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from domain.base import Frozen
from domain.catalog.dictionary import Dictionary
from domain.catalog.filling import Filled, fill
from domain.catalog.findings import Finding, Gate, Waiver, waived
from domain.catalog.form import ChannelForm
from domain.catalog.identifiers import is_restricted
from domain.catalog.lint import words_in
from domain.catalog.markup import plain
from domain.catalog.media import MediaFile
from domain.catalog.media_gates import media_doubts
from domain.catalog.product import Product
from domain.catalog.requirements import breaches
from domain.catalog.shaping import Doubt


class GateQuestion(Frozen):
    """All that the gates look at, read from the database at one moment."""

    product: Product
    channel: str
    form: ChannelForm
    words: Dictionary
    files: Mapping[str, MediaFile] = Field(
        default_factory=dict, description="what was read of the pictures, by address"
    )
    waivers: tuple[Waiver, ...] = ()
    reserved: Mapping[str, int] | None = Field(
        default=None, description="units by SKU that a launch has reserved; None: no launch, and stock is not asked for"
    )
    wanted: Mapping[str, int] = Field(default_factory=dict, description="units by SKU that the launch is to reserve")
    schema_: Mapping[str, Any] | None = Field(default=None, description="what the platform publishes of the kind")
    documents: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict, description="what that schema is about, by SKU"
    )
    at: datetime


class Checked(Frozen):
    """The listing as it would be, and every finding; nothing may be published while one `stops`."""

    filled: Filled
    findings: tuple[Finding, ...]

    @property
    def passes(self) -> bool:
        return not any(finding.stops for finding in self.findings)


def check(question: GateQuestion) -> Checked:
    """Every gate, in the order of a listing: fields, words, pictures, identifiers, stock, the platform's own schema."""
    filled = fill(question.product, question.form, question.channel, question.words)
    found = [*filled.findings, *_findings(question, filled)]
    return Checked(filled=filled, findings=waived(found, question.waivers, question.at))


def _findings(question: GateQuestion, filled: Filled) -> Iterator[Finding]:
    for field, sku, doubt in _doubts(question, filled):
        severity = doubt.severity or question.form.severity(doubt.gate)
        if severity != "off":
            yield Finding(
                gate=doubt.gate, channel=question.channel, field=field, sku=sku, severity=severity,
                text=doubt.text, remedy=doubt.remedy,
            )  # fmt: skip


Doubts = Iterator[tuple[str, str, Doubt]]
"""Field, SKU (empty for the product), doubt."""


def _doubts(question: GateQuestion, filled: Filled) -> Doubts:
    yield from _life(question.product)
    yield from _attributes(question)
    yield from _texts(question.form, filled)
    for field, doubt in media_doubts(filled.media, question.files, question.form.media):
        yield field, "", doubt
    yield from _gtins(question)
    yield from _stock(question)
    yield from _requirements(question, filled)


def _life(product: Product) -> Doubts:
    if product.state != "ready":
        yield "state", "", Doubt("lifecycle", f"the product is {product.state}", "set its state to ready")
    if not product.variants:
        yield "variants", "", Doubt("required", "there is nothing to be bought", "give it at least one variant")


def _attributes(question: GateQuestion) -> Doubts:
    product = question.product
    if not product.category:
        yield "category", "", Doubt("category", "it has no category", "choose one")
    elif product.category not in question.words.categories:
        yield "category", "", Doubt("category", f"there is no category {product.category!r}", "choose another one")
    demanded: dict[str, Gate] = dict.fromkeys(question.words.required(product.category), "attribute")
    demanded |= dict.fromkeys(question.form.compliance, "compliance")
    for code, gate in demanded.items():
        if code in product.attributes:
            continue
        lacking = [variant.sku for variant in product.variants if code not in variant.attributes]
        known = question.words.attributes.get(code)
        who = "the channel" if gate == "compliance" else "the category"
        name = known.label if known else code
        for sku in lacking:
            yield f"attributes.{code}", sku, Doubt(gate, f"{name} is missing, and {who} demands it", f"fill in {code}")


def _texts(form: ChannelForm, filled: Filled) -> Doubts:
    for field in filled.fields:
        if field.to not in form.text.fields or not isinstance(field.value, str) or field.owner == "channel":
            continue
        text = plain(field.value)
        for word in words_in(text, form.text.forbidden):
            yield field.to, field.sku, Doubt("forbidden_word", f"{word!r} may not stand there", "say it otherwise")
        for word in words_in(text, form.text.avoid):
            yield field.to, field.sku, Doubt("tone", f"{word!r} is not the tone of this channel", "say it otherwise")


def _gtins(question: GateQuestion) -> Doubts:
    if question.form.gtin == "unneeded":
        return
    for variant in question.product.variants:
        if not variant.gtin:
            needs = Doubt("gtin", "it has no GTIN", "give the number under its bar code")
            if question.form.gtin == "wanted":
                needs = needs._replace(severity="warning")
            yield "gtin", variant.sku, needs
        elif question.form.gtin == "required" and is_restricted(variant.gtin):
            text = f"GTIN {variant.gtin} is for use inside one company"
            yield "gtin", variant.sku, Doubt("gtin", text, "give the number that GS1 has issued")


def _stock(question: GateQuestion) -> Doubts:
    if question.reserved is None:
        return
    for variant in question.product.variants:
        wanted, held = question.wanted.get(variant.sku, 0), question.reserved.get(variant.sku, 0)
        if held < wanted:
            text = f"{held} of {wanted} units are reserved for the launch"
            yield "stock", variant.sku, Doubt("stock", text, "receive stock, or launch with fewer units")


def _requirements(question: GateQuestion, filled: Filled) -> Doubts:
    """The form's own rules are about the product's fields, the platform's about each document."""
    for field, doubt in breaches(question.form.requirements, filled.document(is_new=True)):
        yield field, "", doubt
    if question.schema_ is not None:
        for sku, document in question.documents.items():
            for field, doubt in breaches(question.schema_, document):
                yield field, sku, doubt
