"""What was bought, and which location ships it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.money import money
from console.parts.table import Column, Table

if TYPE_CHECKING:
    from console.places import Names

COLUMNS = (
    Column("title", "Line"), Column("quantity", "Wanted", "number"), Column("where", "Where from"),
    Column("shipped", "Shipped", "number"), Column("price", "Unit price", "money"), Column("share", "Total", "money"),
)  # fmt: skip
LIVE = {"shipped", "planned", "sending", "sent", "accepted", "picked", "ready", "on_hold", "collected"}


def draw_lines(order: dict[str, Any], known: Names) -> None:
    """One row per line."""
    table = Table("Lines", COLUMNS, none="It has no line")
    table.show([_row(order, line, known) for line in order["lines"]], foot="")


def _row(order: dict[str, Any], line: dict[str, Any], known: Names) -> dict[str, Any]:
    units = [
        (fulfillment_order, unit)
        for fulfillment_order in order["fulfillment_orders"]
        if fulfillment_order["state"] in LIVE
        for unit in fulfillment_order["lines"]
        if unit["line_id"] == line["line_id"]
    ]
    return {
        "key": line["line_id"],
        "title": line["title"] or line["sku"],
        "title_sub": _sku(line),
        "quantity": line["quantity"],
        "quantity_sub": f"{line['canceled']} of {line['ordered']} canceled" if line["canceled"] else "",
        "where": ", ".join(f"{unit['quantity']} × {known.location(each['location_id'])}" for each, unit in units)
        or _why_nowhere(order, line),
        "shipped": sum(unit["shipped"] for _, unit in units),
        "price": money(line["unit_price_minor"], order["currency"]),
        "share": money(line["share_minor"], order["currency"]),
    }


def _sku(line: dict[str, Any]) -> str:
    if line["item_id"] is None and line["requires_shipping"]:
        return f"SKU {line['sku']}, not mapped to an item"
    other = line["item_id"] not in (None, line["sku"])
    return f"SKU {line['sku']}" + (f", item {line['item_id']}" if other else "")


def _why_nowhere(order: dict[str, Any], line: dict[str, Any]) -> str:
    waiting = sum(each["quantity"] for each in order["waiting"] if each["line_id"] == line["line_id"])
    if waiting:
        return f"{waiting} wait for stock"
    if not line["requires_shipping"]:
        return "Needs no shipping"
    return "" if not line["quantity"] else "Not decided"
