"""The head of a launch's page: where it stands, the countdown, and once it is live how far apart and what leaked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.launches.words import MODES, duration, standing
from console.parts.chart import figure
from console.parts.status import status, status_cell
from console.parts.table import Column
from console.parts.text import Text, text
from console.parts.time import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nicegui.element import Element

CHANNELS = (
    Column("channel", "Channel"),
    Column("state", "State", "status"),
    Column("staged", "Staged", "number"),
    Column("live", "Live", "number"),
    Column("stopped", "Stopped", "number"),
    Column("first", "First live", "time"),
    Column("took", "Platform took", "number"),
)
STAGED = ("staged", "published", "live")


def draw_state(row: Element, launch: dict[str, Any], names: Mapping[str, str]) -> None:
    """The badge, and in words what it waits for."""
    row.clear()
    label, tone = standing(launch)
    with row:
        status(launch["stage"], tone=tone, label=label)
        if MODES[launch["mode"]]:
            status(launch["mode"], tone="idle", label=MODES[launch["mode"]])
        if launch["outcome"] is None and launch["headline"] != launch["stage"]:
            text(named(launch["headline"], names), "muted")
        elif launch["restoring"]:
            text(named(launch["restoring"], names), "muted")


def named(said: str, names: Mapping[str, str]) -> str:
    """The hub's sentence with the names of connections in place of their ids."""
    return re.sub(r"[\w-]+", lambda word: names.get(word[0], word[0]), said)


def draw_figures(place: Element, launch: dict[str, Any]) -> None:
    """Before the moment it is counted down to; afterwards skew and leaks stand in its place."""
    channels = [each for each in launch["channels"] if each["is_in"]]
    live = sum(each["counts"].get("live", 0) for each in channels)
    listings = sum(sum(each["counts"].values()) for each in channels)
    staged = sum(each["counts"].get(state, 0) for each in channels for state in STAGED)
    place.clear()
    with place:
        _moment(launch)
        if launch["skew_ms"] is not None:
            figure("Skew", duration(launch["skew_ms"]), note="from the first channel to the last")
        if launch["platform_delay_ms"]:
            figure(
                "Platform delay", duration(launch["platform_delay_ms"]), note="from a platform's yes to what buyers see"
            )
        if launch["exposed_ms"] is not None:
            figure("Could be seen for", duration(launch["exposed_ms"]), note="before all was taken back")
        leaks = len(launch["leaks"])
        figure("Leaks", leaks, note="seen before the moment" if leaks else "nobody saw anything early")
        if launch["first_live_at"] or launch["outcome"]:
            figure("Live", f"{live} of {listings}", note="products on channels")
        else:
            figure("Staged", f"{staged} of {listings}", note="products on channels, hidden")
        figure("Approvals", f"{len(launch['approved_by'])} of {launch['approvals_needed']}")


def _moment(launch: dict[str, Any]) -> None:
    waits = launch["outcome"] is None and launch["first_live_at"] is None and not launch["restoring"]
    with ui.element("div").classes("figure"):
        Text("span", "Goes live in" if waits else "Moment", "muted small")
        with ui.element("span").classes("figure-value"):
            moment(launch["go_live_at"], form="left" if waits else "exact")
        if waits:
            with ui.element("span").classes("muted small"):
                moment(launch["go_live_at"], form="exact")


def channel_row(channel: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """One channel's sums."""
    counts = channel["counts"]
    label, tone = ("Left out", "idle") if not channel["is_in"] else _of_channel(channel)
    instead = (
        ""
        if channel["form_of"] == channel["channel"]
        else f"stands in for {names.get(channel['form_of'], channel['form_of'])}"
    )
    hides = "" if channel["hides"] else "cannot hide a draft: goes last"
    return {
        "key": channel["channel"],
        "channel": names.get(channel["channel"], channel["channel"]),
        "channel_sub": instead or hides,
        "state": status_cell(label, tone=tone, label=label),  # type: ignore[arg-type]
        "state_sub": named(channel["failed"], names),
        "staged": sum(counts.get(state, 0) for state in STAGED),
        "live": counts.get("live", 0),
        "stopped": channel["blocked"],
        "first": channel["first_live_at"],
        "took": duration(channel["platform_delay_ms"]),
    }


def _of_channel(channel: dict[str, Any]) -> tuple[str, str]:
    counts = {state: count for state, count in channel["counts"].items() if count}
    for holds, label, tone in (
        (bool(channel["failed"]), "Failed", "bad"),
        (set(counts) == {"live"}, "Live", "ok"),
        (set(counts) == {"restored"}, "Put back", "idle"),
        (bool(channel["blocked"]), "Stopped by findings", "bad"),
        (set(counts) == {"staged"}, "Staged, hidden", "busy"),
    ):
        if holds:
            return label, tone
    return "Under way", "busy"
