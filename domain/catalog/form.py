"""The form of a connection: how the master is told in that channel's shape, and what the channel wants; data, by version."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from domain.base import Frozen
from domain.catalog.dictionary import Code
from domain.catalog.findings import GATES, Gate, Severity
from domain.catalog.product import Currency, Owner
from domain.catalog.units import kind_of

Transform = Literal["upper", "lower", "plain", "slug", "joined", "first", "number", "text"]
"""`plain` takes markup away, `slug` makes a piece of an address, `joined` puts a list into one text with commas."""


class _Strict(Frozen):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def _listed(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


def _named(given: Any) -> Any:
    """`{title: {from: title}}` is how people write it; a list keeps the order in any database."""
    if not isinstance(given, Mapping):
        return given
    return tuple({"to": to, **(rule if isinstance(rule, Mapping) else {"from": rule})} for to, rule in given.items())


class FieldRule(_Strict):
    """One field of the channel. Steps in order: source, unit, map, transform, markup, length, shape."""

    to: str = Field(default="", description="the channel's name; `seo.title` lies within, `meta_data[]` adds to a list")
    source: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        default=(), alias="from", description="the master's field; of several the first that says something"
    )
    value: Any = Field(default=None, description="what is sent when no source says anything")
    unit: str = Field(default="", description="the unit in which the channel wants a measure")
    map: Mapping[str, Any] = Field(default_factory=dict, description="our values to theirs; no other one is sent")
    transform: Annotated[tuple[Transform, ...], BeforeValidator(_listed)] = ()
    markup: tuple[str, ...] | None = Field(
        default=None, description="tags that the channel takes; null: no markup is looked for"
    )
    most: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="characters of a text, entries of a list"
    )
    bytes: bool = Field(default=False, description="`most` counts bytes in UTF-8")
    too_long: Literal["refuse", "cut"] = "refuse"
    each: Any = Field(default=None, description="what becomes of every entry of a list; `$value` stands for it")
    shape: Any = Field(default=None, description="what is sent; `$value` stands for the value, `$value.x` for a part")
    required: bool = False
    owner: Owner = "us"

    @field_validator("unit")
    @classmethod
    def _is_a_unit(cls, unit: str) -> str:
        if unit:
            kind_of(unit)
        return unit


Rules = Annotated[tuple[FieldRule, ...], BeforeValidator(_named)]


class MediaRule(_Strict):
    """What pictures the channel takes; the ratio is width by height."""

    least: Annotated[int, Field(ge=0)] = 1
    most: Annotated[int, Field(ge=1)] = 20
    formats: tuple[str, ...] = ("jpeg", "png")
    min_width: Annotated[int, Field(ge=0)] = 0
    min_height: Annotated[int, Field(ge=0)] = 0
    min_ratio: Annotated[float, Field(ge=0)] = 0.0
    max_ratio: float = 100.0
    max_bytes: int = 20 * 1024 * 1024


class TextRule(_Strict):
    """Words in the texts of a listing: `forbidden` stop it, `avoid` is a matter of tone; whole words, any case."""

    fields: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


class ChannelForm(_Strict):
    """How one connection's listings are made; the first of `currencies` in which a variant has a price is its price."""

    version: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]
    currencies: Annotated[tuple[Currency, ...], Field(min_length=1)]
    kind: FieldRule = Field(default=FieldRule(), description="the channel's product type or category")
    fields: Rules = ()
    variants: Rules = ()
    media: MediaRule = MediaRule()
    text: TextRule = TextRule()
    gtin: Literal["required", "wanted", "unneeded"] = "wanted"
    compliance: tuple[Code, ...] = Field(default=(), description="attributes that the law or the channel demands")
    requirements: Mapping[str, Any] = Field(
        default_factory=dict, description="JSON Schema of the product's fields, where the platform publishes none"
    )
    gates: Mapping[Gate, Severity | Literal["off"]] = Field(default_factory=dict, description="other than by default")

    @model_validator(mode="after")
    def _fields_do_not_collide(self) -> Self:
        for rules in (self.fields, self.variants):
            names = [rule.to for rule in rules if not rule.to.endswith("[]")]
            for name in names:
                if not name or names.count(name) > 1:
                    raise ValueError(f"{name or 'to'}: name every field of the channel, and each of them once")
                if above := [other for other in names if name.startswith(f"{other}.")]:
                    raise ValueError(f"{name}: it lies within {above[0]}, which is a field itself; keep one of them")
        return self

    def severity(self, gate: Gate) -> Severity | Literal["off"]:
        """How this channel takes a finding of this gate."""
        return self.gates.get(gate, GATES[gate].severity)
