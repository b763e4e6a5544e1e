"""A body of rules as people read it: words for fields, a list for a list, nothing for what is not said."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from console.parts.text import Text

UNITS = {
    "_minor": " (in cents)",
    "_km": " (km)",
    "_days": " (days)",
    "_hours": " (hours)",
    "_percent": " (%)",
    "_g": " (g)",
}


def in_words(field: str) -> str:
    """`max_distance_km` as "Max distance (km)"."""
    for suffix, unit in UNITS.items():
        if field.endswith(suffix):
            return _sentence(field.removesuffix(suffix)) + unit
    return _sentence(field)


def value_in_words(value: Any) -> str:
    """One value; nested ones in one line."""
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value_in_words(each) for each in value)
    if isinstance(value, dict):
        told = {name: each for name, each in value.items() if each not in (None, "", [], {})}
        return "; ".join(f"{in_words(name).lower()}: {value_in_words(each)}" for name, each in told.items()) or "—"
    return str(value)


def show_body(body: dict[str, Any]) -> None:
    """Plain fields first, then a block for each list or group of them."""
    _facts({name: value for name, value in body.items() if _is_plain(value) and name != "version"})
    for name, value in body.items():
        if not _is_plain(value) and value:
            _block(in_words(name), value)


def _block(title: str, value: Any) -> None:
    with ui.element("section").classes("stack tight rule-block"):
        Text("h3", title)
        parts = enumerate(value, start=1) if isinstance(value, list) else value.items()
        for name, each in parts:
            if isinstance(each, dict):
                with ui.element("div").classes("rule"):
                    Text("div", each.get("name") or (f"{name}." if isinstance(name, int) else str(name)), "strong")
                    _facts({field: one for field, one in each.items() if field != "name"})
            else:
                Text("div", value_in_words(each) if isinstance(name, int) else f"{name}: {value_in_words(each)}")


def _facts(fields: dict[str, Any]) -> None:
    told = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    if told:
        with ui.element("dl").classes("facts"):
            for name, value in told.items():
                Text("dt", in_words(name))
                Text("dd", value_in_words(value))


def _is_plain(value: Any) -> bool:
    is_list_of_words = isinstance(value, list) and all(not isinstance(each, dict) for each in value)
    return not isinstance(value, (dict, list)) or is_list_of_words


def _sentence(field: str) -> str:
    return field.replace("_", " ").capitalize()
