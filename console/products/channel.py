"""A product as one channel would get it: value, where it comes from, what is missing, what would be cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.money import money_of
from console.parts.status import status_cell, words
from console.parts.table import Column, Row, Table
from console.products.values import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLUMNS = (
    Column("field", "Channel's field"),
    Column("value", "What it gets"),
    Column("from", "Where from"),
    Column("master", "Master"),
    Column("state", "State", "status"),
)
SHOWN = 300
STEPS = {
    "transform": "transformed",
    "map": "mapped",
    "unit": "unit converted",
    "markup": "markup cleaned",
    "shape": "shaped",
    "each": "shaped",
}


def channel_table(answer: Mapping[str, Any], form: Mapping[str, Any], product: Mapping[str, Any], sku: str) -> None:
    """The product's fields and those of one variant."""
    rules = {("", rule["to"]): rule for rule in form.get("fields", ())} | {
        ("sku", rule["to"]): rule for rule in form.get("variants", ())
    }
    rows = [*_rows(answer, rules, product, sku), *_prices(answer, sku)]
    Table(f"As {answer['channel']} gets it", COLUMNS, rows).show(rows, foot=f"form {answer['form_version']}")


def _rows(
    answer: Mapping[str, Any], rules: Mapping[tuple[str, str], Any], product: Mapping[str, Any], sku: str
) -> Iterator[Row]:
    for each in answer["fields"]:
        if each["sku"] not in {"", sku}:
            continue
        rule = rules.get(("sku" if each["sku"] else "", each["field"]), {})
        label, tone = _state(each, required=bool(rule.get("required")))
        yield {
            "key": f"{each['sku']}/{each['field']}",
            "field": each["field"],
            "field_sub": each["sku"],
            "value": told(each["value"])[:SHOWN],
            "value_sub": "; ".join(each["findings"]),
            "from": _source(each),
            "from_sub": ", ".join(dict.fromkeys(word for step, word in STEPS.items() if rule.get(step) is not None)),
            "master": told(_of_master(product, each["source"], each["sku"]))[:SHOWN],
            "state": status_cell(label, tone=tone, label=label),
        }  # fmt: skip


def _prices(answer: Mapping[str, Any], sku: str) -> Iterator[Row]:
    for each in answer["prices"]:
        if each["sku"] == sku:
            missing = each["price"] is None
            yield {
                "key": "price", "field": "price", "field_sub": sku, "value": money_of(each["price"]), "from": "Price",
                "value_sub": f"struck out: {money_of(each['compare_at'])}" if each["compare_at"] else "",
                "state": status_cell("Missing", tone="bad") if missing else status_cell("As it is", tone="ok"),
            }  # fmt: skip


def _state(field: Mapping[str, Any], *, required: bool) -> tuple[str, Any]:
    if field["owner"] == "channel":
        return "Left to the channel", "idle"
    if field["findings"]:
        return ("Missing", "bad") if told(field["value"]) == "" else ("Something stands against it", "warn")
    if told(field["value"]) == "":
        return ("Missing", "bad") if required else ("Empty", "idle")
    if field["original"] is not None:
        return "Would be cut", "warn"
    return "As it is", "ok"


def _source(field: Mapping[str, Any]) -> str:
    source = field["source"]
    if not source:
        return ""
    if source == "constant":
        return "The form's own value"
    return "This channel's override" if source.startswith("override") else words(source.rpartition(".")[2])


def _of_master(product: Mapping[str, Any], source: str, sku: str) -> Any:
    path = source.removeprefix("override").strip(" :.").split(".")
    for start in (product["variants"].get(sku, {}), product):
        found: Any = start
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        if found is not None:
            return found
    return None
