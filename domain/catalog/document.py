"""A product as a document of plain values: merged with what somebody sends, compared field by field."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from domain.catalog.dictionary import Dictionary, problem
from domain.catalog.product import Product
from domain.errors import DomainError


def document(product: Product) -> dict[str, Any]:
    """Plain values; `variants` is by SKU, so that one of them can be merged and compared. Empty fields are left out."""
    plain = product.model_dump(mode="json", exclude_defaults=True)
    variants = {variant["sku"]: variant for variant in plain.pop("variants", ())}
    return plain | {"variants": {sku: _without(variant, "sku") for sku, variant in variants.items()}}


def merged(before: Mapping[str, Any] | None, patch: Mapping[str, Any]) -> dict[str, Any]:
    """A document after a merge patch (RFC 7386): what is named replaces, null removes, the rest stays."""
    after = dict(before or {})
    for name, value in patch.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, Mapping):
            known = after.get(name)
            after[name] = merged(known if isinstance(known, Mapping) else None, value)
        else:
            after[name] = value
    return after


def product(plain: Mapping[str, Any], words: Dictionary) -> Product:
    """The product that a document says; DomainError names every field that is wrong."""
    variants = plain.get("variants") or {}
    if isinstance(variants, Mapping):
        variants = [{**_fields(variant), "sku": sku} for sku, variant in variants.items()]
    try:
        found = Product.model_validate({**plain, "variants": variants})
    except ValidationError as error:
        raise refused([_told(variants, wrong["loc"], wrong["msg"]) for wrong in error.errors()]) from None
    check_words(found, words)
    return found


def check_words(found: Product, words: Dictionary) -> None:
    """DomainError unless every attribute and the category are known, and every value is of its attribute's type."""
    problems = []
    if found.category and found.category not in words.categories:
        problems.append(f"category: there is no category {found.category!r}; make it, or name another one")
    scopes = {"": found.attributes} | {f"variants.{v.sku}.": v.attributes for v in found.variants}
    for scope, attributes in scopes.items():
        for code, value in attributes.items():
            known = words.attributes.get(code)
            wrong = problem(known, value) if known else "there is no such attribute; make it first"
            if wrong:
                problems.append(f"{scope}attributes.{code}: {wrong}")
    if problems:
        raise refused(problems)


def refused(problems: list[str]) -> DomainError:
    """The refusal of a product: one line per field."""
    return DomainError("bad_product", "; ".join(problems))


def _fields(variant: Any) -> Mapping[str, Any]:
    return variant if isinstance(variant, Mapping) else {}


def _told(variants: Any, place: tuple[int | str, ...], text: str) -> str:
    """`variants.3.gtin` means nothing to people: they know the SKU."""
    parts = list(place)
    if len(parts) > 1 and parts[0] == "variants" and isinstance(parts[1], int):
        parts[1] = str(variants[parts[1]].get("sku", parts[1] + 1))
    field = ".".join(str(part) for part in parts)
    said = text.removeprefix("Value error, ")
    return f"{field}: {said}" if field else said


def _without(plain: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if key != name}
