"""Today: what stands where, what needs somebody, what is under way."""

from typing import Any

from nicegui import ui

from console.here import Here, address
from console.page import page
from console.parts.chart import chart, figure, redraw
from console.parts.live import live
from console.parts.money import in_units, sums
from console.parts.status import status_cell, words
from console.parts.table import Column, Row, Table
from console.parts.text import page_head, section

SLOWLY, RARELY = 15.0, 300.0
SHOWN, LEAST = 12, 4
"""Exceptions in all, and of each currency."""
OPEN_STATES = ("received", "waiting", "to_route", "backordered", "in_fulfillment", "canceling")

CHANNELS = (
    Column("channel", "Channel", "link"),
    Column("health", "Health", "status"),
    *(Column(state, words(state), "number") for state in OPEN_STATES),
    Column("recent", "Received in 24 h", "number"),
)
EXCEPTIONS = (
    Column("title", "What", "link"),
    Column("severity", "Severity", "status"),
    Column("orders", "Orders", "number"),
    Column("value", "At risk", "money"),
    Column("since", "Since", "time"),
)
ALERTS = (Column("title", "Alert"), Column("severity", "Severity", "status"), Column("since", "Since", "time"))
LAUNCHES = (Column("name", "Launch", "link"), Column("stage", "Stage", "status"), Column("at", "Moment", "time"))


@page("/", "Today")
async def today(here: Here) -> None:
    """Every part follows the hub by itself."""
    page_head("Today")
    figures = ui.element("div").classes("figures")
    with section("Orders by channel and state"):
        channels = Table("Orders by channel", CHANNELS, none="No order yet", hint="Switch a connection on.")
    with ui.element("div").classes("columns even"):
        with section("Last 24 hours", "orders per hour"):
            hours = _moved("Orders received, routed and shipped in each of the last 24 hours")
        with section("Last 14 days", "orders per day, by UTC"):
            days = _moved("Orders received, routed and shipped on each of the last 14 days")
    with section("Exceptions by value at risk", "by currency, the most money first"):
        exceptions = Table("Exceptions", EXCEPTIONS, none="Nothing needs a person")
    with ui.element("div").classes("columns even"):
        with section("Launches under way"):
            launches = Table("Launches", LAUNCHES, none="No launch is under way")
        with section("Stock alerts"):
            alerts = Table("Alerts", ALERTS, none="No alert is open")

    def show_today(answer: dict[str, Any]) -> None:
        _show_figures(figures, answer)
        channels.show([_channel(each) for each in answer["channels"]], foot="")
        _show_moved(hours, answer["hours"])

    await live(here, "/figures/today", show_today)
    await live(here, "/figures/days", lambda answer: _show_moved(days, answer), every=RARELY)
    await live(here, "/exceptions", lambda found: exceptions.show(_by_value(found), foot=""))
    await live(here, "/alerts", lambda found: alerts.show([_alert(each) for each in found], foot=""), every=SLOWLY)
    await live(
        here,
        "/launches",
        lambda found: launches.show([_launch(each) for each in found["launches"]], foot=""),
        open=True,
    )


def _moved(label: str) -> ui.echart:
    return chart(label, [], {"received": [], "routed": [], "shipped": []}, over_time=True)


def _show_moved(drawn: ui.echart, stretches: list[dict[str, Any]]) -> None:
    series = {name: [each[name] for each in stretches] for name in ("received", "routed", "shipped")}
    redraw(drawn, [each["at"] for each in stretches], series)


def _show_figures(place: ui.element, answer: dict[str, Any]) -> None:
    open_now = {state: sum(each["open"].get(state, 0) for each in answer["channels"]) for state in OPEN_STATES}
    place.clear()
    with place:
        figure("Received in 24 h", sum(each["received"] for each in answer["hours"]), href="/orders")
        figure("Routed in 24 h", sum(each["routed"] for each in answer["hours"]))
        figure("Shipped in 24 h", sum(each["shipped"] for each in answer["hours"]))
        figure("Open orders", sum(open_now.values()), href="/orders")
        figure("Waiting for somebody", open_now["waiting"], href=address("/orders", {"state": "waiting"}))
        figure("Backordered", open_now["backordered"], href=address("/orders", {"state": "backordered"}))


def _channel(each: dict[str, Any]) -> Row:
    shown = "paused" if each["paused"] else each["mode"]
    return {
        "key": each["connection_id"],
        "href": address("/orders", {"connection": each["connection_id"]}),
        "channel": each["name"],
        "health": status_cell(shown),
        "recent": sum(each["recent"].values()),
        **{state: each["open"].get(state, 0) for state in OPEN_STATES},
    }


def _by_value(found: list[dict[str, Any]]) -> list[Row]:
    """Currency by currency, the one that holds up most orders first; within each the most money first."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        groups.setdefault(_most(each)[0], []).append(each)
    places = max(LEAST, SHOWN // max(len(groups), 1))
    by_orders = sorted(groups.values(), key=lambda group: -sum(each["orders"] for each in group))
    return [
        {
            "key": str(each["id"]),
            "href": f"/exceptions/{each['id']}",
            "title": each["title"],
            "severity": status_cell(each["severity"]),
            "orders": each["orders"],
            "value": sums(each["value_at_risk"]),
            "since": each["opened_at"],
        }
        for group in by_orders
        for each in sorted(group, key=lambda each: -_most(each)[1])[:places]
    ]


def _most(exception: dict[str, Any]) -> tuple[str, float]:
    """The currency that most of its value is in, and how much."""
    amounts = ((one["currency"], in_units(one["amount_minor"], one["currency"])) for one in exception["value_at_risk"])
    return max(amounts, key=lambda pair: pair[1], default=("", 0.0))


def _launch(each: dict[str, Any]) -> Row:
    return {
        "key": each["id"],
        "href": f"/launches/{each['id']}",
        "name": each["name"] or each["id"],
        "stage": status_cell(each["stage"] or each["mode"]),
        "at": each["go_live_at"],
    }


def _alert(each: dict[str, Any]) -> Row:
    return {
        "key": str(each["id"]), "title": each["title"], "severity": status_cell(each["severity"]),
        "since": each["opened_at"],
    }  # fmt: skip
