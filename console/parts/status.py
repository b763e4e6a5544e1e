"""The badge of a state: its word, an icon and a color, so that nothing rests on the color alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nicegui import ui

from console.parts.text import Text

if TYPE_CHECKING:
    from nicegui.element import Element

Tone = Literal["ok", "busy", "warn", "bad", "idle"]

ICONS: dict[Tone, str] = {
    "ok": "check_circle",
    "busy": "autorenew",
    "warn": "warning",
    "bad": "error",
    "idle": "radio_button_unchecked",
}

TONES: dict[str, Tone] = {
    **dict.fromkeys(
        ("on", "completed", "fulfilled", "shipped", "settled", "live", "refunded", "delivered", "approved", "confirmed",
         "succeeded", "done", "collected", "healthy", "complete", "ready", "active", "healed", "exchanged"), "ok"),
    **dict.fromkeys(
        ("new", "routing", "in_fulfillment", "in_progress", "running", "sent", "requested", "due", "scheduled", "staged",
         "preparing", "received", "inspected", "shadow", "accepted", "picked", "pending", "publishing", "info"), "busy"),
    **dict.fromkeys(
        ("waiting", "on_hold", "held", "backordered", "warning", "paused", "in_doubt", "expired", "partially_shipped",
         "stale", "behind", "snoozed", "awaiting_approval", "onboarding", "slow"), "warn"),
    **dict.fromkeys(
        ("failed", "rejected", "critical", "refused", "down", "dead", "error", "broken", "restored", "overdue"), "bad"),
}  # fmt: skip
"""States whose tone is the same wherever they occur; all others are idle."""


def words(state: str) -> str:
    """A state as people read it."""
    return state.replace("_", " ").replace("-", " ").capitalize()


def tone_of(state: str) -> Tone:
    return TONES.get(state, "idle")


def status(state: str, *, tone: Tone | None = None, label: str | None = None) -> Element:
    """The badge; `tone` and `label` where the state's own would mislead here."""
    shown = tone or tone_of(state)
    with ui.element("span").classes(f"status status-{shown}") as badge:
        ui.icon(ICONS[shown]).props('aria-hidden="true"')
        Text("span", label or words(state))
    return badge


def status_cell(state: str | None, *, tone: Tone | None = None, label: str | None = None) -> dict[str, str] | None:
    """The same badge as a cell of a table's column of kind `status`."""
    if not state:
        return None
    shown = tone or tone_of(state)
    return {"text": label or words(state), "tone": shown, "icon": ICONS[shown]}
