"""The filters of the list of orders: they stand in the address, so that a list can be kept and sent to somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.orders.states import STATES
from console.parts.error import tell_problem
from console.parts.money import in_minor
from console.problems import HubError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from console.here import Here
    from console.places import Names

    Change = Callable[[str, str | None], Awaitable[None]]

NAMES = (
    "q", "state", "connection", "location", "cause", "age", "currency", "value_from", "value_to", "tag", "sku", "country", "sort",
)  # fmt: skip
AGES = {
    "under_1h": "Under 1 hour", "under_1d": "Under 1 day", "under_7d": "Under 7 days",
    "over_1d": "Over 1 day", "over_3d": "Over 3 days", "over_7d": "Over 7 days",
}  # fmt: skip
SORTS = {
    "": "Newest first", "placed_at": "Oldest first", "-total_minor": "Highest value first",
    "total_minor": "Lowest value first",
}  # fmt: skip
_SIZES = {"h": timedelta(hours=1), "d": timedelta(days=1)}


def api_filter(query: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """What the address asks for in the words of `GET /orders`."""
    asked: dict[str, Any] = {name: query.get(name) for name in NAMES if name not in {"age", "value_from", "value_to"}}
    side, _, span = query.get("age", "").partition("_")
    if span and span[:-1].isdigit() and span[-1] in _SIZES:
        moment = (now - int(span[:-1]) * _SIZES[span[-1]]).replace(second=0, microsecond=0)
        asked["placed_from" if side == "under" else "placed_to"] = moment.isoformat()
    for name in ("from", "to"):
        if query.get("currency") and (value := _minor(query.get(f"value_{name}", ""), query["currency"])) is not None:
            asked[f"total_{name}"] = value
    return {name: value for name, value in asked.items() if value not in (None, "")}


def _minor(typed: str, currency: str) -> int | None:
    try:
        return in_minor(typed, currency) if typed else None
    except ValueError:
        return None


def asked_now(here: Here) -> dict[str, Any]:
    """The filter of the open page."""
    return api_filter(here.query, datetime.now(UTC))


async def filters(here: Here, known: Names) -> None:
    """Every one narrows; a change shows at once."""

    async def change(name: str, value: object) -> None:
        given = str(value).strip() if value not in (None, "") else None
        given = given.upper() if given and name == "currency" else given
        if given != here.query.get(name):
            here.remember(**{name: given, "cursor": None})
            await here.reload()

    def choice(name: str, label: str, of: Mapping[str, str], default: str = "") -> None:
        options = {"": default or f"Any {label.lower()}"} | dict(of)
        given = here.query.get(name, "")
        if given not in options:
            options[given] = given
        box = ui.select(options, label=label, value=given).props("outlined dense options-dense")
        box.on_value_change(lambda event: change(name, event.value))

    def typed(name: str, label: str, kind: str = "text") -> ui.input:
        box = ui.input(label, value=here.query.get(name, "")).props(f'outlined dense clearable type="{kind}"')
        box.on("keydown.enter", lambda: change(name, box.value))
        box.on("blur", lambda: change(name, box.value))
        box.on("clear", lambda: change(name, None))
        return box

    with ui.element("div").classes("filters order-filters").props('role="search" aria-label="Filters"'):
        choice("state", "State", {state: label for state, (label, _) in STATES.items()})
        choice("connection", "Channel", known.connections)
        choice("location", "Location", known.locations)
        choice("cause", "Exception", await _causes(here))
        choice("age", "Age", AGES)
        typed("currency", "Currency, such as EUR")
        for name, label in (("value_from", "Value from"), ("value_to", "Value to")):
            value = typed(name, label, "number")
            if not here.query.get("currency"):  # ten of what?
                value.props["hint"] = "needs a currency"
                value.disable()
        typed("sku", "SKU")
        typed("tag", "Tag")
        choice("sort", "Sorted", {name: label for name, label in SORTS.items() if name}, SORTS[""])


async def _causes(here: Here) -> dict[str, str]:
    try:
        found = await here.api.get("/exceptions", limit=200)
    except HubError as problem:
        tell_problem(problem)
        return {}
    return {each["cause"]: each["title"] for each in found if each["orders"]}
