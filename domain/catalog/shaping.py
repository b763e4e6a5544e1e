"""The steps that bring one value into a channel's shape."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from domain.catalog.findings import Gate, Severity
from domain.catalog.form import FieldRule, Transform
from domain.catalog.markup import cleaned, cut, not_allowed, plain, size, unclosed
from domain.catalog.scope import Found
from domain.catalog.units import Measure, convert


class Doubt(NamedTuple):
    """A finding in the making; `severity` only where the form has no say."""

    gate: Gate
    text: str
    remedy: str
    severity: Severity | Literal[""] = ""


def shaped(rule: FieldRule, found: Found, line: Sequence[str] = ()) -> tuple[Any, Any, list[Doubt]]:
    """The value for the channel, what it was before something was taken away (else None), and the doubts.

    `line` are the values of which the first that is mapped counts: a category and those above it.
    """
    doubts: list[Doubt] = []
    value = found.value
    if not found.is_theirs:
        value = _transformed(rule, _mapped(rule, _measured(rule, value, doubts), line, doubts))
    value, original = _limited(rule, value, doubts)
    if not found.is_theirs and value is not None:
        if rule.each is not None and isinstance(value, list | tuple):
            value = [_template(rule.each, entry) for entry in value]
        if rule.shape is not None:
            value = _template(rule.shape, value)
    return value, original, doubts


def assembled(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """One document of all fields by their names: `a.b` lies within, `a[]` adds to a list."""
    document: dict[str, Any] = {}
    for name, value in fields:
        *above, last = name.split(".")
        at = document
        for part in above:
            at = at.setdefault(part, {})
        if last.endswith("[]"):
            at.setdefault(last.removesuffix("[]"), []).extend(value if isinstance(value, list) else [value])
        else:
            at[last] = value
    return document


def _measured(rule: FieldRule, value: Any, doubts: list[Doubt]) -> Any:
    if not rule.unit:
        return value
    try:
        return _number(convert(Measure.model_validate(value), rule.unit))
    except ValidationError:
        doubts.append(
            Doubt("value", f"{value!r} is no measure", f"give it with a unit that can be told in {rule.unit}")
        )
    except ValueError as wrong:
        doubts.append(Doubt("value", str(wrong), f"give it with a unit that can be told in {rule.unit}"))
    return None


def _mapped(rule: FieldRule, value: Any, line: Sequence[str], doubts: list[Doubt]) -> Any:
    if not rule.map or value is None:
        return value
    if isinstance(value, list | tuple):
        return [theirs for entry in value if (theirs := _mapped(rule, entry, (), doubts)) is not None]
    wanted = line or [_key(value)]
    theirs = next((rule.map[ours] for ours in wanted if ours in rule.map), None)
    if theirs is None:
        doubts.append(
            Doubt("value", f"the form knows no word of the channel for {value!r}", f"add it to the map of {rule.to}")
        )
    return theirs


def _key(value: Any) -> str:
    """As it stands in YAML and JSON."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _transformed(rule: FieldRule, value: Any) -> Any:
    for name in rule.transform:
        if value is not None:
            value = _TRANSFORMS[name](value)
    return value


def _limited(rule: FieldRule, value: Any, doubts: list[Doubt]) -> tuple[Any, Any]:
    """Markup that the channel does not take, then what is longer than it takes."""
    before = value
    if isinstance(value, str) and rule.markup is not None:
        value = _clean(rule, value, doubts)
    if rule.most is not None and isinstance(value, str | list | tuple):
        value = _short(rule, rule.most, value, doubts)
    return value, before if value != before else None


def _clean(rule: FieldRule, value: str, doubts: list[Doubt]) -> str:
    allowed = rule.markup or ()
    if open_tags := unclosed(value):
        doubts.append(Doubt("markup", f"{_tags(open_tags)} is not closed", "close it where it is meant to end"))
    if foreign := not_allowed(value, allowed):
        doubts.append(
            Doubt("markup", f"the channel does not take {_tags(foreign)}", "it is left out; write it without")
        )
    return cleaned(value, allowed) if open_tags or foreign else value


def _short(rule: FieldRule, most: int, value: Any, doubts: list[Doubt]) -> Any:
    is_text = isinstance(value, str)
    length = size(value, in_bytes=rule.bytes) if is_text else len(value)
    if length <= most:
        return value
    what = "entries" if not is_text else "bytes" if rule.bytes else "characters"
    text = f"it has {length} {what}, and the channel takes {most}"
    if rule.too_long == "refuse":
        doubts.append(
            Doubt("length", text, f"shorten {rule.source[0] if rule.source else rule.to}, or give this channel its own")
        )
        return value
    short = cut(value, most, in_bytes=rule.bytes, allowed=rule.markup) if is_text else list(value)[:most]
    doubts.append(Doubt("length", text, "what is beyond is cut; shorten it to choose the words yourself", "warning"))
    return short


def _tags(names: Sequence[str]) -> str:
    return ", ".join(f"<{name}>" for name in names)


def _template(template: Any, value: Any) -> Any:
    if isinstance(template, Mapping):
        return {key: _template(part, value) for key, part in template.items()}
    if isinstance(template, list | tuple):
        return [_template(part, value) for part in template]
    if template == "$value":
        return value
    if isinstance(template, str) and template.startswith("$value."):
        return value.get(template.removeprefix("$value.")) if isinstance(value, Mapping) else None
    return template


def _number(value: Any) -> int | float | None:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _slug(value: Any) -> str:
    ascii_only = unicodedata.normalize("NFKD", str(value)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and value else value


_TRANSFORMS: Mapping[Transform, Callable[[Any], Any]] = {
    "upper": lambda value: str(value).upper(),
    "lower": lambda value: str(value).lower(),
    "plain": lambda value: plain(str(value)),
    "slug": _slug,
    "joined": lambda value: ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value),
    "first": _first,
    "number": _number,
    "text": str,
}
