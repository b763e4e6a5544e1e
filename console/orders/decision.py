"""The routing decision opened: who was asked, what each would have cost, how far away it is, and why it lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.chart import chart
from console.parts.empty import empty
from console.parts.error import tell_problem
from console.parts.money import in_units, money
from console.parts.status import status_cell, words
from console.parts.table import Column, Table
from console.parts.text import Text, facts, text
from console.parts.time import moment
from console.problems import HubError

if TYPE_CHECKING:
    from console.here import Here
    from console.places import Names

COLUMNS = (
    Column("location", "Location"), Column("verdict", "Outcome", "status"), Column("score", "Least cost", "money"),
    Column("distance", "Distance", "number"), Column("units", "Units", "number"), Column("why", "Why"),
)  # fmt: skip
PARCELS = (
    Column("location", "Parcel from"), Column("units", "Units", "number"), Column("leaves", "Leaves", "number"),
    Column("arrives", "Arrives", "number"), Column("cost", "Cost", "money"), Column("of", "Made of"),
)  # fmt: skip
VERDICTS = {
    "chosen": "Chosen", "kind": "Not this kind", "covers_less": "Covers less", "cost": "Costs more", "tie": "Lost the tie",
    "no_stock": "No stock", "distance": "Too far", "distance_unknown": "Distance unknown", "no_lane": "No carrier lane",
}  # fmt: skip


def draw_decisions(here: Here, order_id: str, decisions: list[dict[str, Any]], known: Names) -> None:
    """The latest round open, the earlier ones folded."""
    if not decisions:
        empty("No decision yet", "It is made within seconds once nothing holds the order up.", "o_route")
    for place, each in enumerate(reversed(decisions)):
        title = f"Round {each['round'] + 1}: {_named(each['why'], known)}"
        with ui.element("details").classes("decision") as opened:
            if place == 0:
                opened.props("open")
            with ui.element("summary"):
                Text("strong", title)
            _draw(here, order_id, each, known)


def _draw(here: Here, order_id: str, decision: dict[str, Any], known: Names) -> None:
    plan = decision["plan"]
    currency = plan["currency"]
    with ui.element("div").classes("row small muted"):
        text("Decided")
        moment(decision["decided_at"])
        text(f"by rule “{plan['rule']}”" if plan["rule"] else "no rule matched")
        text(f"of rules version {decision['rules_version']}")
        text("proven best" if not plan["proven_gap_minor"] and not plan["proven_gap_units"] else "best found in time")
        result = text("").props('role="status"')
        ui.button("Decide it again", on_click=lambda: _again(here, order_id, decision, result)).props(
            "flat dense no-caps"
        )
    candidates = plan["candidates"]
    if plan["parcels"]:
        sent = [_parcel(each, currency, known) for each in plan["parcels"]]
        Table("Parcels of the plan", PARCELS).show(sent, foot="")
    rows = [_candidate(each, decision, currency, known) for each in candidates]
    Table("Candidates", COLUMNS, none="No location was looked at").show(rows, foot="")
    _charts(decision, known)
    facts({f"{each['quantity']} × {each['item_id']}": words(each["reason"]) for each in plan["shortfalls"]})


def _parcel(parcel: dict[str, Any], currency: str, known: Names) -> dict[str, Any]:
    costs = {name.removesuffix("_minor"): minor for name, minor in parcel["cost"].items() if minor}
    return {
        "key": parcel["location_id"],
        "location": known.location(parcel["location_id"]),
        "units": sum(line["quantity"] for line in parcel["lines"]),
        "leaves": parcel["ship_on"],
        "arrives": parcel["deliver_on"],
        "cost": money(sum(costs.values()), currency),
        "of": ", ".join(f"{words(name).lower()} {money(minor, currency)}" for name, minor in costs.items()),
    }


def _candidate(each: dict[str, Any], decision: dict[str, Any], currency: str, known: Names) -> dict[str, Any]:
    chosen = each["verdict"] == "chosen"
    score = each["score_minor"]
    return {
        "key": each["location_id"],
        "location": known.location(each["location_id"]),
        "verdict": status_cell(
            each["verdict"],
            tone="ok" if chosen else "idle",
            label=VERDICTS.get(each["verdict"], words(each["verdict"])),
        ),
        "score": money(score, currency) if score is not None else None,
        "distance": f"{each['distance_km']:,} km" if each["distance_km"] is not None else None,
        "units": each["units"],
        "why": decision["reasons"].get(each["location_id"], ""),
    }


def _charts(decision: dict[str, Any], known: Names) -> None:
    """Distance and cost side by side, nearest first: what the choice was between."""
    near = sorted(
        (each for each in decision["plan"]["candidates"] if each["distance_km"] is not None),
        key=lambda each: each["distance_km"],
    )
    if not near:
        return
    labels = [known.location(each["location_id"]) + (" ✓" if each["verdict"] == "chosen" else "") for each in near]
    with ui.element("div").classes("columns even"):
        with ui.element("figure").classes("stack tight"):
            Text("span", "Distance to the buyer, km", "muted small")
            chart("Distance of each location, nearest first", labels, {"km": [each["distance_km"] for each in near]},
                  kind="bar", height=190)  # fmt: skip
        currency = decision["plan"]["currency"]
        scores = [each["score_minor"] for each in near]
        costs = [in_units(score, currency) if score is not None else None for score in scores]
        if any(cost is not None for cost in costs):
            with ui.element("figure").classes("stack tight"):
                Text("span", f"Least cost of a plan with it, {currency}", "muted small")
                chart("Least cost of each location", labels, {currency: costs}, kind="bar", height=190)


def _named(why: str, known: Names) -> str:
    """The hub names locations by id in its sentence."""
    for location_id, name in sorted(known.locations.items(), key=lambda pair: -len(pair[0])):
        why = why.replace(location_id, name)
    return why


async def _again(here: Here, order_id: str, decision: dict[str, Any], result: Any) -> None:
    """The stored input through the stored rules, compared with what was decided."""
    try:
        found = await here.api.get(f"/orders/{order_id}/decisions", rerun=True)
    except HubError as problem:
        tell_problem(problem)
        return
    rerun = next(each["rerun"] for each in found if each["round"] == decision["round"])
    if rerun["same_winner"] is None:
        result.set_text(rerun["why_not"])
    else:
        result.set_text("Decided again: the same" if rerun["same_winner"] else "Decided again: another plan")
