"""Products and their variants: the master from which every channel's form is filled."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from domain.base import Frozen
from domain.catalog.dictionary import CategoryId, Code
from domain.catalog.identifiers import gtin
from domain.catalog.media import Media
from domain.errors import DomainError
from domain.item import ItemId
from domain.money import exponent

ProductId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]
Sku = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\s\x00-\x1f](.*[^\s\x00-\x1f])?$")]
Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Minor = Annotated[int, Field(ge=0, le=10**12)]
State = Literal["draft", "ready", "retired"]
Owner = Literal["us", "channel", "person"]

LONGEST_TEXT = 500_000
"""Characters that the master keeps; what a channel takes of them is its form's business."""
_NEXT: Mapping[State, tuple[State, ...]] = {
    "draft": ("ready", "retired"), "ready": ("draft", "retired"), "retired": ("draft",),
}  # fmt: skip


class _Strict(Frozen):
    model_config = ConfigDict(extra="forbid")


def _currency(code: str) -> str:
    try:
        exponent(code)
    except DomainError as unknown:
        raise ValueError(str(unknown)) from None
    return code


Currency = Annotated[str, AfterValidator(_currency)]
Gtin = Annotated[str, AfterValidator(lambda text: gtin(text) if text else "")]


class Price(_Strict):
    """What one unit costs in one currency; `compare_at_minor` is struck out beside it, below `floor_minor` nobody sells."""

    amount_minor: Minor
    compare_at_minor: Minor | None = None
    floor_minor: Minor | None = None

    @model_validator(mode="after")
    def _check_compare_at(self) -> Self:
        if self.compare_at_minor is not None and self.compare_at_minor <= self.amount_minor:
            raise ValueError("compare_at_minor: it must be above amount_minor; leave it out where nothing is reduced")
        return self


class Override(_Strict):
    """A field as one channel has it: another value, or another owner.

    What the channel owns is never written; what a person owns is written once, when the listing is made.
    """

    value: Any = Field(default=None, description="what this channel is given; null gives it the master's")
    owner: Owner | None = Field(default=None, description="null: as the channel's form says")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.value is None and self.owner is None:
            raise ValueError("give a value, an owner, or both")
        return self


Overrides = Mapping[str, Mapping[str, Override]]
"""By connection, then by field: the channel's own name of it, or the master's."""


class Option(_Strict):
    """What variants differ in, such as Color, with its values in the order in which they are offered."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    values: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(min_length=1)]


class Variant(_Strict):
    """One thing to be bought; `item_id` is what stock is kept of, found by the SKU where it is not named.

    With `components` (units by SKU) it is a bundle.
    """

    sku: Sku
    item_id: ItemId | None = None
    gtin: Gtin = ""
    options: Mapping[str, str] = Field(default_factory=dict)
    attributes: Mapping[Code, Any] = Field(default_factory=dict)
    prices: Mapping[Currency, Price] = Field(default_factory=dict)
    components: Mapping[Sku, Annotated[int, Field(ge=1, le=10_000)]] = Field(default_factory=dict)
    overrides: Overrides = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_not_its_own_part(self) -> Self:
        if self.sku in self.components:
            raise ValueError(f"components: {self.sku} is made of itself; name other SKUs")
        return self


class Product(_Strict):
    """A product with all its variants; `attributes` hold for each variant that does not say otherwise."""

    id: ProductId
    state: State = "draft"
    title: Annotated[str, Field(min_length=1, max_length=2000)]
    description: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    brand: Word = ""
    category: CategoryId | Literal[""] = ""
    tags: tuple[Word, ...] = ()
    attributes: Mapping[Code, Any] = Field(default_factory=dict)
    options: tuple[Option, ...] = ()
    media: tuple[Media, ...] = ()
    variants: tuple[Variant, ...] = Field(default=(), max_length=2048)
    overrides: Overrides = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_variants(self) -> Self:
        _refuse_doubles("variants", [variant.sku for variant in self.variants])
        _refuse_doubles("options", [option.name for option in self.options])
        _refuse_doubles("media", [media.url for media in self.media])
        offered = {option.name: set(option.values) for option in self.options}
        for variant in self.variants:
            if variant.options.keys() != offered.keys():
                names = ", ".join(offered) or "none"
                raise ValueError(
                    f"variants.{variant.sku}.options: give a value for each option of the product ({names})"
                )
            for name, value in variant.options.items():
                if value not in offered[name]:
                    raise ValueError(
                        f"variants.{variant.sku}.options.{name}: {value!r} is not one of the option's values"
                    )
        _refuse_doubles("variants", ["/".join(v.options[name] for name in offered) for v in self.variants if offered])
        return self

    def variant(self, sku: str) -> Variant:
        """The variant of this SKU, which must be one of its own."""
        return next(variant for variant in self.variants if variant.sku == sku)

    def pictures(self, connection_id: str) -> tuple[str, ...]:
        """Addresses of the pictures for a channel: its own (an override of `media`), else the product's."""
        own = self.overrides.get(connection_id, {}).get("media")
        if own is not None and isinstance(own.value, list | tuple):
            return tuple(str(url) for url in own.value)
        return tuple(media.url for media in self.media)

    def moved_to(self, state: State) -> Self:
        """In another state of its life; DomainError where none leads there."""
        if state != self.state and state not in _NEXT[self.state]:
            raise DomainError(
                "bad_state", f"state: a {self.state} product can become {' or '.join(_NEXT[self.state])}, not {state}"
            )
        return self.model_copy(update={"state": state})


def _refuse_doubles(field: str, names: list[str]) -> None:
    doubled = sorted(name for name, times in Counter(names).items() if times > 1)
    if doubled:
        raise ValueError(f"{field}: {', '.join(doubled)} appears twice; keep one")
