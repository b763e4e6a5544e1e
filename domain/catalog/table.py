"""Products as rows of a table: one row per variant, the product's own fields on any of its rows; an empty cell says nothing."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from domain.catalog.dictionary import Attribute, Dictionary
from domain.catalog.product import Product, Variant
from domain.errors import DomainError
from domain.money import exponent, money

PRODUCT = ("product", "state", "title", "description", "brand", "category", "tags", "images")
VARIANT = ("sku", "item", "gtin", "components")
FAMILIES = ("option", "price", "compare_at", "floor", "attribute", "variant_attribute")
"""Columns with a name after a colon: `option:Size`, `price:EUR`, `attribute:material`."""
SEPARATOR = "|"

Row = Mapping[str, str]
Patch = dict[str, Any]


def unknown_columns(names: Iterator[str] | list[str], words: Dictionary) -> list[str]:
    """Columns that mean nothing here, such as an attribute that there is not."""
    unknown = []
    for name in names:
        family, colon, rest = name.partition(":")
        is_attribute = family in {"attribute", "variant_attribute"}
        known = name in PRODUCT + VARIANT or (colon and rest and family in FAMILIES)
        if not known or (is_attribute and rest not in words.attributes):
            unknown.append(name)
    return unknown


def patch_of(row: Row, words: Dictionary) -> Patch:
    """What one row says, as a merge patch of its product; DomainError names the column that is wrong."""
    cells = {name: text.strip() for name, text in row.items() if text and text.strip()}
    if "product" not in cells:
        raise DomainError("bad_row", "product: every row names its product; fill the column in")
    patch: Patch = {name: cells[name] for name in PRODUCT[1:6] if name in cells}
    if "tags" in cells:
        patch["tags"] = _list(cells["tags"])
    if "images" in cells:
        patch["media"] = [{"url": url} for url in _list(cells["images"])]
    if attributes := _attributes(cells, "attribute", words):
        patch["attributes"] = attributes
    variant = _variant(cells, words)
    if "sku" in cells:
        patch["variants"] = {cells["sku"]: variant}
    elif variant:
        raise DomainError("bad_row", "sku: the row says something of a variant; name its SKU")
    return {"id": cells["product"], **patch}


def _variant(cells: Row, words: Dictionary) -> Patch:
    variant: Patch = {
        ours: cells[column] for column, ours in (("item", "item_id"), ("gtin", "gtin")) if column in cells
    }
    if options := _family(cells, "option"):
        variant["options"] = options
    if attributes := _attributes(cells, "variant_attribute", words):
        variant["attributes"] = attributes
    if prices := _prices(cells):
        variant["prices"] = prices
    if "components" in cells:
        variant["components"] = dict(map(_component, _list(cells["components"])))
    return variant


def _component(text: str) -> tuple[str, int]:
    sku, _, units = text.rpartition("=")
    if not sku or not units.isdigit():
        raise DomainError("bad_row", f"components: {text!r} is not SKU=UNITS; write such as TEE-M=2|MUG=1")
    return sku, int(units)


def _prices(cells: Row) -> dict[str, dict[str, int]]:
    prices: dict[str, dict[str, int]] = {}
    for family, field in (("price", "amount_minor"), ("compare_at", "compare_at_minor"), ("floor", "floor_minor")):
        for currency, text in _family(cells, family).items():
            try:
                prices.setdefault(currency, {})[field] = money(text, currency).amount_minor
            except DomainError as wrong:
                raise DomainError("bad_row", f"{family}:{currency}: {wrong}") from None
    return prices


def _attributes(cells: Row, family: str, words: Dictionary) -> Patch:
    return {code: _value(words.attributes[code], text, family) for code, text in _family(cells, family).items()}


def _value(attribute: Attribute, text: str, family: str) -> Any:
    column = f"{family}:{attribute.code}"
    try:
        match attribute.type:
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "boolean":
                return {"yes": True, "true": True, "no": False, "false": False}[text.lower()]
            case "choices":
                return _list(text)
            case "measure":
                amount, _, unit = text.partition(" ")
                return {"value": float(amount), "unit": unit.strip() or attribute.unit}
            case _:
                return text
    except (ValueError, KeyError):
        raise DomainError("bad_row", f"{column}: {text!r} is no {attribute.type}; correct it") from None


def _family(cells: Row, family: str) -> dict[str, str]:
    return {
        name.partition(":")[2]: text for name, text in cells.items() if name.partition(":")[0] == family and ":" in name
    }


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


# ---- the other way ---------------------------------------------------------------------------------------------------


def columns(words: Dictionary, options: list[str], currencies: list[str]) -> list[str]:
    """A column for everything that these products can say, but for what channels have otherwise."""
    named = [f"option:{name}" for name in options]
    named += [f"{family}:{currency}" for currency in currencies for family in ("price", "compare_at", "floor")]
    named += [f"{family}:{code}" for family in ("attribute", "variant_attribute") for code in words.attributes]
    return [*PRODUCT, *VARIANT, *named]


def rows_of(product: Product) -> Iterator[dict[str, str]]:
    """The product's own fields stand on its first row."""
    first = {
        "state": product.state, "title": product.title, "description": product.description, "brand": product.brand,
        "category": product.category, "tags": SEPARATOR.join(product.tags),
        "images": SEPARATOR.join(media.url for media in product.media),
        **{f"attribute:{code}": _text(value) for code, value in product.attributes.items()},
    }  # fmt: skip
    for variant in product.variants or (None,):
        yield {"product": product.id, **first, **(_cells(variant) if variant else {})}
        first = {}


def _cells(variant: Variant) -> dict[str, str]:
    cells = {"sku": variant.sku, "item": variant.item_id or "", "gtin": variant.gtin}
    cells["components"] = SEPARATOR.join(f"{sku}={units}" for sku, units in variant.components.items())
    cells |= {f"option:{name}": value for name, value in variant.options.items()}
    cells |= {f"variant_attribute:{code}": _text(value) for code, value in variant.attributes.items()}
    for currency, price in variant.prices.items():
        for family, minor in (
            ("price", price.amount_minor), ("compare_at", price.compare_at_minor), ("floor", price.floor_minor),
        ):  # fmt: skip
            if minor is not None:
                cells[f"{family}:{currency}"] = str(Decimal(minor).scaleb(-exponent(currency)))
    return cells


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return SEPARATOR.join(map(str, value))
    if isinstance(value, Mapping):
        return f"{value.get('value')} {value.get('unit')}"
    return value if isinstance(value, str) else json.dumps(value)
