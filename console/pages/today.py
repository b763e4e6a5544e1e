"""Today: what stands where, what needs somebody, what is under way."""

from console.here import Here
from console.page import page
from console.parts.live import live
from console.parts.money import sums
from console.parts.status import status_cell
from console.parts.table import Column, Table
from console.parts.text import page_head, section

EXCEPTIONS = (
    Column("title", "What", "link"),
    Column("severity", "Severity", "status"),
    Column("orders", "Orders", "number"),
    Column("value", "At risk", "money"),
    Column("since", "Since", "time"),
)


@page("/", "Today")
async def today(here: Here) -> None:
    """Live."""
    page_head("Today")
    with section("Exceptions by value at risk"):
        table = Table("Exceptions", EXCEPTIONS, none="Nothing needs a person", hint="Exceptions appear by themselves.")
    await live(here, "/exceptions", lambda found: table.show([_row(each) for each in found]))


def _row(exception: dict[str, object]) -> dict[str, object]:
    return {
        "key": str(exception["id"]),
        "href": f"/exceptions/{exception['id']}",
        "title": exception["title"],
        "severity": status_cell(str(exception["severity"])),
        "orders": exception["orders"],
        "value": sums(exception["value_at_risk"]),  # type: ignore[arg-type]
        "since": exception["opened_at"],
    }
