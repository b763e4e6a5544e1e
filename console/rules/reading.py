"""A body of rules as people read it: words for fields, money as money, a table for a list, nothing for what is not said."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from console.parts.money import money
from console.parts.table import Column, Table
from console.parts.text import Text

UNITS = {"_km": " (km)", "_days": " (days)", "_hours": " (hours)", "_percent": " (%)", "_g": " (g)"}
MINOR = "_minor"
WIDEST = 6
"""Columns of a list that is shown as a table; wider things have a block each."""


def in_words(field: str) -> str:
    """`max_distance_km` as "Max distance (km)"."""
    for suffix, unit in UNITS.items():
        if field.endswith(suffix):
            return _sentence(field.removesuffix(suffix)) + unit
    return _sentence(field.replace(MINOR, ""))


def value_in_words(value: Any, field: str = "", currency: str = "") -> str:
    """One value; nested ones in one line; `…_minor` as money, where the currency is known."""
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if MINOR in field and isinstance(value, int) and currency:
        return money(value, currency)
    if isinstance(value, list):
        return ", ".join(value_in_words(each, field, currency) for each in value)
    if isinstance(value, dict):
        told = {name: each for name, each in value.items() if each not in (None, "", [], {})}
        parts = (f"{in_words(name).lower()}: {value_in_words(each, name, currency)}" for name, each in told.items())
        return "; ".join(parts) or "—"
    return str(value)


def show_body(body: dict[str, Any]) -> None:
    """Plain fields first, then a table or blocks for each list or group of them."""
    currency = str(body.get("currency") or "")
    _facts({name: value for name, value in body.items() if _is_plain(value) and name != "version"}, currency)
    for name, value in body.items():
        if not _is_plain(value) and value:
            with ui.element("section").classes("stack tight rule-block"):
                Text("h3", in_words(name))
                _group(in_words(name), value, currency)


def _group(title: str, value: Any, currency: str) -> None:
    things = _things(value)
    told = [(field, one) for thing in things.values() for field, one in thing.items() if one not in (None, "", [], {})]
    fields = list(dict.fromkeys(field for field, _ in told))
    if len(fields) <= WIDEST and all(_is_plain(one) for _, one in told):
        columns = [Column("thing", ""), *(Column(field, in_words(field)) for field in fields)]
        rows = [
            {
                "key": name,
                "thing": name,
                **{field: value_in_words(thing.get(field), field, currency) for field in fields},
            }
            for name, thing in things.items()
        ]
        Table(title, columns, rows).show(rows, foot="")
        return
    for name, thing in things.items():
        with ui.element("div").classes("rule"):
            Text("div", name, "strong")
            _facts({field: one for field, one in thing.items() if field != "name"}, currency)


def _things(value: Any) -> dict[str, dict[str, Any]]:
    """Things by their names or numbers; what is no thing of several fields has one."""
    pairs = enumerate(value, start=1) if isinstance(value, list) else value.items()
    things = {}
    for key, each in pairs:
        thing = each if isinstance(each, dict) else {"value": each}
        things[str(thing.get("name") or key)] = {field: one for field, one in thing.items() if field != "name"}
    return things


def _facts(fields: dict[str, Any], currency: str) -> None:
    told = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    if told:
        with ui.element("dl").classes("facts"):
            for name, value in told.items():
                Text("dt", in_words(name))
                Text("dd", value_in_words(value, name, currency))


def _is_plain(value: Any) -> bool:
    is_list_of_words = isinstance(value, list) and all(not isinstance(each, dict) for each in value)
    is_point = isinstance(value, dict) and value.keys() == {"latitude", "longitude"}
    return not isinstance(value, (dict, list)) or is_list_of_words or is_point


def _sentence(field: str) -> str:
    return field.replace("_", " ").strip().capitalize()
