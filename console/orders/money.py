"""What the order is worth, and every movement of money by tender."""

from __future__ import annotations

from typing import Any

from console.parts.money import money, money_of
from console.parts.status import words
from console.parts.table import Column, Table
from console.parts.text import facts

COLUMNS = (Column("tender", "Tender"), Column("amount", "Amount", "money"), Column("at", "When", "time"))
PARTS = ("subtotal", "discounts", "shipping", "tax", "total")


def draw_money(held: dict[str, Any]) -> None:
    """The total's parts, then the movements."""
    amounts = held["amounts"]
    shown: dict[str, object] = {
        words(part): money_of(amounts[part]["shop"]) for part in PARTS if part in amounts and _counts(amounts, part)
    }
    if held["presentment_currency"] != held["currency"]:
        shown["The buyer saw"] = money(held["presentment_total_minor"], held["presentment_currency"])
    facts(shown or {"Total": money(held["total_minor"], held["currency"])})
    rows = [
        {
            "key": str(place),
            "tender": words(each["tender"]),
            "tender_sub": words(each["kind"]),
            "amount": money(each["amount_minor"], each["currency"]),
            "at": each["at"],
        }
        for place, each in enumerate(held["tenders"])
    ]
    Table("Movements of money", COLUMNS, none="No money moved yet", cards=False).show(rows, foot="")


def _counts(amounts: dict[str, Any], part: str) -> bool:
    return part in {"subtotal", "total"} or bool(amounts[part]["shop"]["amount_minor"])
