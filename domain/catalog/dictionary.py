"""The words of the catalogue: which attributes and categories there are, and what a product may say in them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from domain.base import Frozen
from domain.catalog.units import Measure, kind_of

AttributeType = Literal["text", "markup", "number", "integer", "boolean", "choice", "choices", "measure", "date"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
CategoryId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]


class _Strict(Frozen):
    model_config = ConfigDict(extra="forbid")


class Attribute(_Strict):
    """Something that products can say of themselves; `unit` is the one that a measure is kept in unless it names another."""

    code: Code
    label: Annotated[str, Field(min_length=1, max_length=200)]
    type: AttributeType = "text"
    unit: str = ""
    choices: tuple[str, ...] = ()
    is_compliance: bool = Field(
        default=False, description="the law or a platform demands it: origin, safety, materials"
    )

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        if (self.type == "measure") != bool(self.unit):
            raise ValueError("unit: a measure needs one, and nothing else has one")
        if self.unit:
            kind_of(self.unit)
        if self.type.startswith("choice") != bool(self.choices):
            raise ValueError("choices: name them for the types choice and choices, and for no other type")
        return self


class Category(_Strict):
    """A place in the merchant's own tree; what it requires holds for the categories below it as well."""

    id: CategoryId
    name: Annotated[str, Field(min_length=1, max_length=200)]
    parent: str = ""
    required_attributes: tuple[Code, ...] = ()


class Dictionary(Frozen):
    """All attributes and categories."""

    attributes: Mapping[str, Attribute] = Field(default_factory=dict)
    categories: Mapping[str, Category] = Field(default_factory=dict)

    def line(self, category: str) -> Iterator[Category]:
        """A category and the ones above it; a circle ends where it closes."""
        seen = set[str]()
        while (found := self.categories.get(category)) and category not in seen:
            seen.add(category)
            yield found
            category = found.parent

    def path(self, category: str) -> str:
        """Names from the root down, as people write them: `Clothing > T-shirts`."""
        return " > ".join(reversed([found.name for found in self.line(category)]))

    def required(self, category: str) -> tuple[str, ...]:
        """Codes of the attributes that a product of this category must have."""
        return tuple(dict.fromkeys(code for found in self.line(category) for code in found.required_attributes))


def problem(attribute: Attribute, value: Any) -> str | None:
    """What is wrong with a value of this attribute, with the remedy; None if nothing is."""
    try:
        return None if _FITS[attribute.type](attribute, value) else f"{value!r} is no {_expected(attribute)}"
    except (TypeError, ValueError) as wrong:
        return str(wrong)


def _expected(attribute: Attribute) -> str:
    match attribute.type:
        case "choice" | "choices":
            return f"{attribute.type} of {', '.join(attribute.choices)}"
        case "measure":
            return f'measure; write {{"value": 1.5, "unit": "{attribute.unit}"}}'
        case "date":
            return "date; write YYYY-MM-DD"
        case other:
            return str(other)


def _measures(value: Any, unit: str) -> bool:
    try:
        measure = Measure.model_validate(value)
    except ValidationError:
        return False
    if kind_of(measure.unit) != kind_of(unit):
        raise ValueError(f"{measure} is a {kind_of(measure.unit)}, and this is a {kind_of(unit)}; use {unit}")
    return True


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


_FITS: Mapping[AttributeType, Callable[[Attribute, Any], bool]] = {
    "text": lambda _, value: isinstance(value, str),
    "markup": lambda _, value: isinstance(value, str),
    "boolean": lambda _, value: isinstance(value, bool),
    "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda _, value: isinstance(value, int | float) and not isinstance(value, bool),
    "choice": lambda attribute, value: value in attribute.choices,
    "choices": lambda attribute, value: isinstance(value, list | tuple) and set(value) <= set(attribute.choices),
    "measure": lambda attribute, value: _measures(value, attribute.unit),
    "date": lambda _, value: _is_date(value),
}
