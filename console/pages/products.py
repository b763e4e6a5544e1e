"""Products: found by name, SKU or GTIN, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.page import page
from console.parts.paging import Pages, page_of
from console.parts.status import status_cell
from console.parts.table import Column, Row, Table
from console.parts.text import page_head

if TYPE_CHECKING:
    from console.here import Here

COLUMNS = (
    Column("title", "Product", "link"),
    Column("state", "State", "status"),
    Column("category", "Category"),
    Column("skus", "SKUs"),
)
STATES = {"": "Any state", "ready": "Ready", "draft": "Draft", "retired": "Retired"}
SKUS = 4


@page("/products", "Products")
async def products(here: Here) -> None:
    """Search, state and place stand in the address."""
    page_head("Products", "The master: what every channel is told is made from it.")
    categories = {each["id"]: each["name"] for each in await here.api.get("/categories")}

    async def fetch(cursor: str | None) -> tuple[list[Row], str | None]:
        query = here.query
        found = await here.api.get(
            "/products", search=query.get("search"), state=query.get("state"), category=query.get("category"),
            after=cursor, limit=50,
        )  # fmt: skip
        return page_of(found, "products", lambda each: _row(each, categories))

    pages = Pages(here, fetch, name="after")
    _filters(here, pages, categories)
    table = Table(
        "Products", COLUMNS, on_turn=pages.turn, none="No product is like that",
        hint="Bring a file of products in with `tutti product import`, or look for something else.",
    )  # fmt: skip
    await pages.first(table)


def _filters(here: Here, pages: Pages, categories: dict[str, str]) -> None:
    async def change(name: str, value: object) -> None:
        here.remember(**{name: str(value) if value else None})
        await pages.anew()

    with ui.element("div").classes("filters"):
        search = ui.input("Name, SKU or GTIN", value=here.query.get("search", ""))
        search.props("outlined dense clearable debounce=300").on_value_change(
            lambda event: change("search", event.value)
        )
        for name, label, of in (
            ("state", "State", STATES),
            ("category", "Category", {"": "Any category"} | categories),
        ):
            value = here.query.get(name, "")
            box = ui.select(of, label=label, value=value if value in of else "").props("outlined dense options-dense")
            box.on_value_change(lambda event, name=name: change(name, event.value))


def _row(product: dict[str, Any], categories: dict[str, str]) -> Row:
    skus = product["skus"]
    more = f" and {len(skus) - SKUS} more" if len(skus) > SKUS else ""
    return {
        "key": product["id"],
        "href": f"/products/{product['id']}",
        "title": product["title"],
        "title_sub": product["id"],
        "state": status_cell(product["state"]),
        "category": categories.get(product["category"], product["category"]),
        "skus": ", ".join(skus[:SKUS]) + more,
    }
