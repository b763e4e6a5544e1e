"""The product types that the simulated marketplace knows, with the JSON Schema of each."""

from typing import Any

META = "https://json-schema.org/draft/2019-09/schema"
TEXTS = {
    "item_name": 200, "brand": 100, "product_description": 2000, "bullet_point": 500, "color": 50, "size": 50,
    "material": 100, "country_of_origin": 2, "condition_type": 30, "item_type_keyword": 100, "manufacturer": 100,
    "model_name": 100, "generic_keyword": 500, "supplier_declared_dg_hz_regulation": 50,
}  # fmt: skip
REQUIRED = ("item_name", "brand", "product_description", "bullet_point")
EXTRA_REQUIRED = {"SHIRT": ("color", "size"), "PRODUCT": (), "HOME": (), "TEA": (), "DRINKING_CUP": ("material",)}
BY_VARIANT = frozenset({"color", "size"})
"""What variations differ by is not asked of their parent."""


def schema_of(product_type: str) -> dict[str, Any] | None:
    """None for a type that Amazon does not know; unknown attributes are let through, as Amazon does."""
    if product_type not in EXTRA_REQUIRED:
        return None
    return {
        "$schema": META,
        "$id": f"https://schemas.example/{product_type}",
        "type": "object",
        "properties": {name: _text(length) for name, length in TEXTS.items()},
        "required": [*REQUIRED, *EXTRA_REQUIRED[product_type]],
    }


def _text(length: int) -> dict[str, Any]:
    value = {"type": "string", "minLength": 1, "maxLength": length}
    entry = {"type": "object", "required": ["value"], "properties": {"value": value}}
    return {"type": "array", "minItems": 1, "items": entry}
