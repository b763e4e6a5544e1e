"""The return policy: what holds for an order's line, and which rule says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.page import page
from console.pages.returns import PAGES
from console.parts.money import money
from console.parts.status import status_cell, words
from console.parts.table import Column, Table
from console.parts.tabs import tabs
from console.parts.text import page_head, section

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

COLUMNS = (
    Column("name", "What"), Column("value", "Effective value"), Column("rule", "Because of the rule"),
    Column("level", "Level", "status"), Column("instead", "Instead of"),
)  # fmt: skip
FINDINGS = (
    Column("severity", "Severity", "status"),
    Column("text", "What"),
    Column("example", "An order that shows it"),
)
SCOPE = {"market": "Market", "channel": "Channel", "category": "Category", "sku": "SKU"}
NAMES = {
    "window_days": "Days to send it back", "shipping_paid_by": "Return shipping is paid by", "return_fee_minor": "Fee",
    "refund_shipping": "Shipping of the order is refunded", "accepted_grades": "Accepted in the state",
    "final_sale": "Final sale", "restocking_fee_percent": "Restocking fee", "exchange": "Exchange",
    "instant_refund": "Refund before the goods are here", "inspection": "Inspection is needed",
    "keep_below_minor": "The buyer keeps it below", "automatic": "Approved by itself",
}  # fmt: skip


@page("/returns/policy", "Return policy")
async def return_policy(here: Here) -> None:
    """The scope stands in the address."""
    page_head("Return policy", "Global, then market, channel, category, SKU: the narrowest rule decides.")
    tabs("Returns", here.path, PAGES)

    async def change() -> None:
        here.remember(**{name: str(box.value or "").strip() or None for name, box in boxes.items()})
        await here.reload()

    with ui.element("div").classes("filters"):
        boxes = {
            name: ui.input(label, value=here.query.get(name, "")).props("outlined dense").on("keydown.enter", change)
            for name, label in SCOPE.items()
        }
        ui.button("What holds?", on_click=change).props("outline no-caps")
    found = await here.api.get("/return-policies/effective", **{name: here.query.get(name) for name in SCOPE})
    with section("What holds", f"version {found['version']}"):
        Table("What holds", COLUMNS, [_row(name, found) for name in found["terms"]])
    findings = await here.api.get(f"/return-policies/{found['version']}/lint")
    with section("Gaps and contradictions"):
        rows = [_finding(number, each) for number, each in enumerate(findings)]
        Table(
            "Gaps and contradictions",
            FINDINGS,
            rows,
            none="None was found",
            hint="Checked against every rule of the version.",
        )


def _row(name: str, found: dict[str, Any]) -> Row:
    why = found["why"].get(name, {"rule": "", "level": "global", "instead_of": ()})
    return {
        "key": name,
        "name": NAMES.get(name, words(name)),
        "value": _said(name, found["terms"][name]),
        "rule": why["rule"] or "what holds where no rule says otherwise",
        "level": status_cell(why["level"], tone="idle"),
        "instead": ", ".join(why["instead_of"]),
    }


def _said(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        return ", ".join(money(minor, currency) for currency, minor in sorted(value.items())) or "None"
    if isinstance(value, list):
        return ", ".join(words(each) for each in value)
    return f"{value} %" if name.endswith("_percent") else words(str(value))


def _finding(number: int, one: dict[str, Any]) -> Row:
    return {
        "key": str(number),
        "kind": status_cell(one["kind"], tone="warn"),
        "text": one["text"],
        "example": ", ".join(
            f"{SCOPE.get(name, name).lower()} {value}" for name, value in one["example"].items() if value
        ),
    }
