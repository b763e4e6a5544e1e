"""A product's fields as people read and write them: by name, one line per value."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from babel.numbers import get_currency_precision

from console.parts.money import in_minor, money
from console.parts.status import words
from console.problems import HubError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FIXED = frozenset({"id", "overrides", "options", "components", "item_id"})
"""What is not edited as one line: it shapes the product, and an import or the API changes it."""


def fields(product: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Path, name for people and value of every field of the product itself."""
    for name in ("title", "description", "brand", "category", "tags"):
        yield name, words(name), product.get(name)
    for code, value in product.get("attributes", {}).items():
        yield f"attributes.{code}", labels.get(code, words(code)), value


def unsaid(product: Mapping[str, Any], attributes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """The attributes that neither the product nor a variant has a value of, each with an empty one of its kind."""
    told_by = [product, *product["variants"].values()]
    said = {code for each in told_by for code, value in each.get("attributes", {}).items() if value is not None}
    for each in attributes:
        if each["code"] not in said:
            yield f"attributes.{each['code']}", each["label"], _empty(each)


def _empty(attribute: Mapping[str, Any]) -> Any:
    if attribute["type"] == "measure":
        return {"value": None, "unit": attribute["unit"]}
    return {"choices": [], "boolean": False, "number": 0, "integer": 0}.get(attribute["type"], "")


def variant_fields(variant: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """The same of one variant, below it."""
    yield "gtin", "GTIN", variant.get("gtin")
    for currency, price in variant.get("prices", {}).items():
        yield f"prices.{currency}.amount_minor", f"Price {currency}", price.get("amount_minor")
        if "compare_at_minor" in price:
            yield f"prices.{currency}.compare_at_minor", f"Struck out {currency}", price["compare_at_minor"]
        if "floor_minor" in price:
            yield f"prices.{currency}.floor_minor", f"Never below {currency}", price["floor_minor"]
    for code, value in variant.get("attributes", {}).items():
        yield f"attributes.{code}", labels.get(code, words(code)), value


def currency_of(path: str) -> str:
    """Of a price's path; empty for other fields."""
    parts = path.split(".")
    return parts[-2] if parts[-1].endswith("_minor") and len(parts) > 1 else ""


def told(value: Any, path: str = "") -> str:
    """A value in one line; empty for none."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and currency_of(path):
        return money(value, currency_of(path))
    if isinstance(value, list | tuple):
        return ", ".join(told(each) for each in value)
    if isinstance(value, dict):
        return _told_together(value)
    return str(value)


def _told_together(value: dict[str, Any]) -> str:
    if set(value) == {"value", "unit"}:
        return f"{value['value']} {value['unit']}"
    if {"amount_minor", "currency"} <= set(value):
        return money(value["amount_minor"], value["currency"])
    return " · ".join(f"{words(str(name))}: {told(each)}" for name, each in value.items() if each not in (None, ""))


def typed(text: str, before: Any, path: str) -> Any:
    """What a person typed, in the form of the value that it replaces; HubError says what is wrong with it."""
    given = text.strip()
    if not given:
        return None
    if currency_of(path):
        return _minor(given, currency_of(path))
    if isinstance(before, list):
        return [each.strip() for each in given.split(",") if each.strip()]
    if isinstance(before, dict) and set(before) == {"value", "unit"}:
        number, _, unit = given.partition(" ")
        return {"value": _number(number), "unit": unit.strip() or before["unit"]}
    if isinstance(before, bool):
        return given.lower() in {"yes", "true", "1"}
    return _number(given) if isinstance(before, int | float) else given


def editable(value: Any, path: str) -> str:
    """What stands in the field when it is opened."""
    if isinstance(value, int) and (currency := currency_of(path)):
        return str(Decimal(value).scaleb(-get_currency_precision(currency)))
    return told(value)


def patch(path: str, value: Any) -> dict[str, Any]:
    """The merge patch that sets one field; a SKU may hold dots, so the path comes in parts below a variant."""
    found = value
    for part in reversed(path.split(".")):
        found = {part: found}
    return dict(found)


def _minor(text: str, currency: str) -> int:
    try:
        return in_minor(text, currency)
    except ValueError as error:
        raise HubError(str(error)) from error


def _number(text: str) -> int | float:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise HubError(f"{text!r} is no number") from error
    return int(value) if value == value.to_integral_value() else float(value)
