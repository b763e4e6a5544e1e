"""Filling a form: every field of a listing with its value, where it came from, and what stands against it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from domain.base import Frozen
from domain.catalog.dictionary import Dictionary
from domain.catalog.findings import Finding, Gate
from domain.catalog.form import ChannelForm, FieldRule
from domain.catalog.pricing import PriceTag, price_of
from domain.catalog.product import Owner, Product
from domain.catalog.scope import Scope, says_something
from domain.catalog.shaping import Doubt, assembled, shaped


class FilledField(Frozen):
    """One field as the channel would get it; `original` is what was cut or cleaned, None where nothing was."""

    to: str
    sku: str = ""
    value: Any = None
    source: str = ""
    original: Any = None
    owner: Owner = "us"


class FilledVariant(NamedTuple):
    """One variant in the channel's shape."""

    sku: str
    fields: dict[str, Any]
    tag: PriceTag


class Filled(Frozen):
    """A product in one channel's shape."""

    product_id: str
    channel: str
    form_version: str
    kind: str = ""
    fields: tuple[FilledField, ...] = ()
    tags: tuple[PriceTag, ...] = ()
    media: tuple[str, ...] = ()
    media_owner: Owner = "us"
    most_media: int = 20
    findings: tuple[Finding, ...] = ()

    def document(self, *, is_new: bool, sku: str = "") -> dict[str, Any]:
        """The fields of the product, or of one variant: without the channel's own, and after the first time without people's."""
        mine = (field for field in self.fields if field.sku == sku and is_written(field.owner, is_new=is_new))
        return assembled((field.to, field.value) for field in mine if field.source)

    def variants(self, *, is_new: bool) -> Iterator[FilledVariant]:
        """In the order of the product."""
        for tag in self.tags:
            written = is_written(tag.owner, is_new=is_new)
            yield FilledVariant(
                tag.sku, self.document(is_new=is_new, sku=tag.sku), tag if written else PriceTag(sku=tag.sku)
            )

    def pictures(self, *, is_new: bool) -> tuple[str, ...] | None:
        """Addresses in their order, as many as the channel takes; None: they are somebody else's business."""
        return self.media[: self.most_media] if is_written(self.media_owner, is_new=is_new) else None

    def owner_of(self, field: str, sku: str = "") -> Owner:
        """Who decides what the channel shows in this field; what no form writes is the channel's."""
        owners: dict[str, Owner] = {"media": self.media_owner}
        for tag in self.tags:
            if tag.sku == sku:
                owners["price"] = tag.owner
        owners |= {_head(one.to): one.owner for one in self.fields if one.sku == sku}
        return owners.get(_head(field), "channel")


def is_written(owner: Owner, *, is_new: bool) -> bool:
    """What the channel owns never is; what a person owns only when the listing is made."""
    return owner == "us" or (owner == "person" and is_new)


def _head(field: str) -> str:
    return field.split(".", maxsplit=1)[0].removesuffix("[]")


def fill(product: Product, form: ChannelForm, channel: str, words: Dictionary) -> Filled:
    """Pure; a field with a finding still has the best value that could be made."""
    whole = Scope(product, None, channel, words)
    filling = _Filling(form, channel)
    kind = filling.field(whole, form.kind.model_copy(update={"to": "kind"}), gate="category")
    fields = [filling.field(whole, rule) for rule in form.fields]
    tags = []
    for variant in product.variants:
        scope = Scope(product, variant, channel, words)
        fields += [filling.field(scope, rule) for rule in form.variants]
        tag, doubts = price_of(scope, form)
        tags.append(tag)
        filling.note(doubts, field="price", sku=variant.sku)
    pictures = whole.override(["media"])
    return Filled(
        product_id=product.id, channel=channel, form_version=form.version, kind=str(kind.value or ""),
        fields=tuple(fields), tags=tuple(tags), media=product.pictures(channel),
        most_media=form.media.most,
        media_owner=(pictures.owner if pictures else None) or "us",
        findings=tuple(filling.findings),
    )  # fmt: skip


class _Filling:
    """Collects what stands against the fields while they are filled."""

    def __init__(self, form: ChannelForm, channel: str) -> None:
        self._form = form
        self._channel = channel
        self.findings: list[Finding] = []

    def field(self, scope: Scope, rule: FieldRule, *, gate: Gate = "required") -> FilledField:
        override = scope.override([rule.to, *rule.source])
        owner = (override.owner if override else None) or rule.owner
        found = scope.find(rule)
        if owner == "channel":
            return FilledField(to=rule.to, sku=scope.sku, owner=owner)
        if not says_something(found.value):
            if rule.required or (gate == "category" and rule.source):
                text = (
                    f"nothing says what it is ({' or '.join(rule.source)} is empty)"
                    if rule.source
                    else "it has no value"
                )
                self.note(
                    [Doubt(gate, text, f"fill in {rule.source[0] if rule.source else rule.to}")], rule.to, scope.sku
                )
            return FilledField(to=rule.to, sku=scope.sku, owner=owner)
        value, original, doubts = shaped(rule, found, scope.line_of_categories() if "category" in rule.source else ())
        self.note([doubt._replace(gate=gate) if gate == "category" else doubt for doubt in doubts], rule.to, scope.sku)
        return FilledField(to=rule.to, sku=scope.sku, value=value, source=found.source, original=original, owner=owner)

    def note(self, doubts: Iterable[Doubt], field: str, sku: str) -> None:
        for doubt in doubts:
            severity = doubt.severity or self._form.severity(doubt.gate)
            if severity != "off":
                self.findings.append(
                    Finding(
                        gate=doubt.gate, channel=self._channel, field=field, sku=sku, severity=severity,
                        text=doubt.text, remedy=doubt.remedy,
                    )
                )  # fmt: skip
