"""Where a form looks for a value: a product or one of its variants, with what a channel has otherwise."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from domain.catalog.dictionary import Dictionary
from domain.catalog.form import FieldRule
from domain.catalog.product import Override, Product, Variant

_GTIN_TYPES = {8: "ean", 12: "upc", 13: "ean", 14: "gtin"}


class Found(NamedTuple):
    """A value and where it came from; `is_theirs`: it is in the channel's words already."""

    value: Any
    source: str
    is_theirs: bool = False


class Scope:
    """One product on one connection, or one variant of it; a variant says what its product says unless it says otherwise."""

    def __init__(self, product: Product, variant: Variant | None, connection_id: str, words: Dictionary) -> None:
        self.product = product
        self.variant = variant
        self._words = words
        scopes = (variant, product) if variant else (product,)
        self._overrides: list[Mapping[str, Override]] = [scope.overrides.get(connection_id, {}) for scope in scopes]
        self._values = _product_values(product, words) | (_variant_values(variant) if variant else {})
        attributes: dict[str, Any] = {**product.attributes, **(variant.attributes if variant else {})}
        self._values |= {f"attributes.{code}": value for code, value in attributes.items()}

    @property
    def sku(self) -> str:
        return self.variant.sku if self.variant else ""

    def find(self, rule: FieldRule) -> Found:
        """What the field is to say: this channel's own value, else the first source that says something, else the constant."""
        for name in (rule.to, *rule.source):
            override = self.override([name])
            if override is not None and override.value is not None:
                return Found(override.value, f"override {name}", is_theirs=name == rule.to and name not in rule.source)
        for name in rule.source:
            if says_something(self._values.get(name)):
                return Found(self._values[name], name)
        return Found(rule.value, "constant" if rule.value is not None else "")

    def override(self, names: Iterable[str]) -> Override | None:
        """The first by these names, the variant's before the product's."""
        return next((known[name] for name in names for known in self._overrides if name in known), None)

    def line_of_categories(self) -> list[str]:
        """The product's category and those above it."""
        return [category.id for category in self._words.line(self.product.category)]


def says_something(value: Any) -> bool:
    """0 and False do; None and what is empty do not."""
    return value is not None and value not in ("", (), [], {})


def _product_values(product: Product, words: Dictionary) -> dict[str, Any]:
    category = words.categories.get(product.category)
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "brand": product.brand,
        "tags": list(product.tags),
        "category": product.category,
        "category.name": category.name if category else "",
        "category.path": words.path(product.category),
        "options": [{"name": option.name, "values": list(option.values)} for option in product.options],
    }


def _variant_values(variant: Variant) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "gtin": variant.gtin,
        "gtin.type": _GTIN_TYPES.get(len(variant.gtin), ""),
        "options": [{"name": name, "value": value} for name, value in variant.options.items()],
        **{f"options.{name}": value for name, value in variant.options.items()},
    }
