"""The form of a platform's configuration, made from the JSON schema that its connector publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.text import Text

if TYPE_CHECKING:
    from console.parts.form import Form


def add_fields(form: Form, schema: dict[str, Any], values: dict[str, Any] | None = None) -> None:
    """One field per property; what is required comes first, what has a default stands below."""
    required = set(schema.get("required", ()))
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    for name in sorted(properties, key=lambda name: name not in required):
        _add(form, name, properties[name], required=name in required, value=(values or {}).get(name))
    if not properties:
        Text("p", "There is nothing to configure.", "muted")


def config_of(schema: dict[str, Any], typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as the API takes it: empty fields are left to their defaults, lists are lines."""
    config = {}
    for name, field in schema.get("properties", {}).items():
        value = typed.get(name)
        if value in (None, "", []):
            continue
        kind = _kind(field)
        if kind == "array":
            value = [line.strip() for line in str(value).splitlines() if line.strip()]
        elif kind == "integer":
            value = int(value)
        config[name] = value
    return config


def _add(form: Form, name: str, field: dict[str, Any], *, required: bool, value: Any) -> None:
    label = field.get("title", name) + ("" if required else " (optional)")
    hint = str(field.get("description", ""))
    known = field.get("default") if value is None else value
    kind = _kind(field)
    if kind == "boolean":
        form.check(name, label, value=bool(known))
    elif kind in {"integer", "number"}:
        form.number(name, label, known, required=required, hint=hint)
    elif "enum" in field:
        form.choice(name, label, {str(each): str(each) for each in field["enum"]}, known, required=required, hint=hint)
    elif kind == "array" and not _secret(field):
        form.area(name, label, "\n".join(known or ()), required=required, hint=hint)
    elif kind in {"string", "array"}:
        shown = known if isinstance(known, str) else ""
        form.text(name, label, shown, required=required, hint=hint, kind="password" if _secret(field) else "text")


def _kind(field: dict[str, Any]) -> str:
    kinds = [field, *field.get("anyOf", ())]
    return next((str(each["type"]) for each in kinds if each.get("type") not in {None, "null"}), "")


def _secret(field: dict[str, Any]) -> bool:
    return bool(field.get("writeOnly") or field.get("items", {}).get("writeOnly"))
