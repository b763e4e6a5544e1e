"""What a platform demands as JSON Schema, with the words of Amazon's own vocabulary."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft201909Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from domain.catalog.shaping import Doubt

MOST = 50
"""Breaches told per document: whoever has more than these begins with these."""


def _max_bytes(_validator: Any, most: int, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and len(value.encode()) > most:
        yield ValidationError(f"it has {len(value.encode())} bytes, and {most} are taken")


def _min_bytes(_validator: Any, least: int, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and len(value.encode()) < least:
        yield ValidationError(f"it has {len(value.encode())} bytes, and {least} are wanted")


def _max_unique(validator: Any, most: int, value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """So many entries for each combination of the fields that `selectors` names."""
    if not validator.is_type(value, "array"):
        return
    counts: dict[str, int] = {}
    for entry in value:
        key = repr([entry.get(name) for name in schema.get("selectors", ())] if isinstance(entry, Mapping) else entry)
        counts[key] = counts.get(key, 0) + 1
    if max(counts.values(), default=0) > most:
        yield ValidationError(f"it has {max(counts.values())} entries, and {most} are taken")


_Validator: Any = extend(  # type: ignore[no-untyped-call] # its stubs leave the result open
    Draft201909Validator,
    {"maxUtf8ByteLength": _max_bytes, "minUtf8ByteLength": _min_bytes, "maxUniqueItems": _max_unique},
)
"""Source: https://developer-docs.amazon.com/sp-api/docs/product-type-definition-meta-schema"""


def breaches(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, Doubt]]:
    """Field and doubt; nothing is fetched for a schema that refers to others."""
    if not schema:
        return
    validator = _Validator(schema, registry=Registry(), format_checker=Draft201909Validator.FORMAT_CHECKER)
    try:
        for count, error in enumerate(validator.iter_errors(document)):
            if count == MOST:
                return
            yield _told(error)
    except (SchemaError, Unresolvable, TypeError, ValueError):
        yield (
            "",
            Doubt("schema", "the channel's requirements cannot be read", "have them read again, or correct the form"),
        )


def _told(error: ValidationError) -> tuple[str, Doubt]:
    inner: Any = best_match([error]) or error  # its stubs leave open what the broken keyword holds
    field = ".".join(str(part) for part in inner.absolute_path)
    if inner.validator == "required" and isinstance(inner.instance, Mapping):
        missing = next((name for name in inner.validator_value if name not in inner.instance), "")
        field = f"{field}.{missing}" if field else missing
        return field, Doubt("schema", "the channel demands it, and it is missing", f"map a value to {missing}")
    if inner.validator == "enum":
        allowed = ", ".join(map(str, inner.validator_value[:10]))
        return field, Doubt(
            "schema", f"{_short(inner.instance)} is not one of the channel's values", f"map it to one of: {allowed}"
        )
    return field, Doubt(
        "schema", _short(inner.message), f"correct what is mapped to {field.split('.')[0] or 'the listing'}"
    )


def _short(text: Any) -> str:
    shown = str(text)
    return shown if len(shown) <= 200 else f"{shown[:197]}..."
