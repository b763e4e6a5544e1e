"""A bulk action while it runs and afterwards: how far it is, and what became of each order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.page import page
from console.parts.live import live
from console.parts.status import status, status_cell, words
from console.parts.table import Column, Table
from console.parts.text import page_head, section, text
from console.parts.time import moment

if TYPE_CHECKING:
    from console.here import Here

COLUMNS = (Column("number", "Order", "link"), Column("result", "Result", "status"), Column("detail", "Why not"))
TITLES = {
    "cancel": "Cancel orders", "re-route": "Re-route orders", "retry": "Retry orders", "hold": "Hold orders",
    "release": "Release orders", "acknowledge": "Settle an exception",
}  # fmt: skip
FIRST = {"refused": 0, "pending": 1, "done": 2}


@page("/bulk/{job}", "Bulk action")
async def bulk_job(here: Here, job: str) -> None:
    """Live until it is done; what was refused stands first."""
    first = await here.api.get(f"/bulk/{job}")
    with page_head(TITLES.get(first["action"].partition(":")[0], "Bulk action")):
        ui.button("To the orders", on_click=lambda: ui.navigate.to("/orders")).props("flat no-caps")
    with section("Progress"):
        head = ui.element("div").classes("row").props('aria-live="polite"')
        bar = ui.linear_progress(0, show_value=False).props('aria-label="Progress" rounded size="8px"')
    table = Table("Results", COLUMNS, none="No order was chosen")

    def show(found: dict[str, Any]) -> None:
        items = found["items"]
        pending = found["counts"].get("pending", 0)
        bar.set_value(1 - pending / len(items) if items else 1)
        head.clear()
        with head:
            _say(found, len(items))
        table.show([_row(item, found["numbers"]) for item in sorted(items, key=lambda item: FIRST[item["state"]])])

    await live(here, f"/bulk/{job}", show, every=1)


def _say(found: dict[str, Any], total: int) -> None:
    done, refused = found["counts"].get("done", 0), found["counts"].get("refused", 0)
    if found["finished_at"]:
        status("done", tone="warn" if refused else "ok", label="Finished")
        moment(found["finished_at"])
    else:
        status("running")
    text(f"{done} of {total} done" + (f", {refused} refused" if refused else ""), "strong")
    why = Counter(item["code"] for item in found["items"] if item["state"] == "refused")
    if why:
        text("; ".join(f"{words(code)}: {count}" for code, count in why.most_common()), "muted")


def _row(item: dict[str, Any], numbers: dict[str, str]) -> dict[str, Any]:
    labels = {"done": "Done", "refused": "Refused", "pending": "To do"}
    return {
        "key": item["return_id"] or item["order_id"],
        "href": f"/returns/{item['return_id']}" if item["return_id"] else f"/orders/{item['order_id']}",
        "number": item["return_id"] or numbers.get(item["order_id"]) or item["order_id"],
        "result": status_cell(item["state"], label=labels[item["state"]]),
        "detail": item["detail"],
    }
