"""What a platform's means of payment count as, so that a refund goes back the right way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.error import tell_done
from console.parts.form import Form
from console.parts.table import Column, Table

if TYPE_CHECKING:
    from console.here import Here

CLASSES = {
    "original": "A card, wallet or transfer: given back where it came from",
    "gift_card": "A gift card of the shop",
    "store_credit": "Store credit",
    "pay_later": "Paid later, by installments",
}
COLUMNS = (Column("method", "There called"), Column("counts", "Counts as"))


def tenders(here: Here, path: str, settings: dict[str, Any]) -> None:
    """Those that were mapped, and a form for one more; what is not mapped goes by its usual name."""
    known: dict[str, str] = settings.get("tenders") or {}
    rows = [{"key": name, "method": name, "counts": CLASSES.get(kind, kind)} for name, kind in known.items()]
    Table("Means of payment", COLUMNS, none="All go by their usual names").show(rows, foot="")
    if not here.may("operations"):
        return

    async def save(typed: dict[str, Any]) -> None:
        await here.api.put(f"{path}/mappings", {"tenders": known | {typed["method"]: typed["counts"]}})
        tell_done(f"{typed['method']} is mapped")
        await here.reload()

    with ui.expansion("Map a means of payment").props("dense"):
        form = Form(save, label="Save it")
        form.text("method", "What the platform calls it", required=True, hint="such as shopify_store_credit")
        form.choice("counts", "Counts as", CLASSES, "original", required=True)
        form.button()
