"""What the hub's words for launches mean to people: stages, outcomes, steps, facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.status import words
from console.parts.time import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.parts.status import Tone

MODES = {"real": "", "dry_run": "dry run: writes nothing", "rehearsal": "rehearsal on stand-in connections"}

STAGES: dict[str, tuple[str, Tone]] = {
    "preparing": ("Preparing", "busy"),
    "blocked": ("Stopped by findings", "bad"),
    "awaiting_approval": ("Awaiting approval", "warn"),
    "embargo": ("Ready, waits for its moment", "busy"),
    "paused": ("Paused", "warn"),
    "missed": ("Moment missed", "bad"),
    "going_live": ("Going live", "busy"),
    "verifying": ("Live, being verified", "busy"),
    "restoring": ("Being taken back", "warn"),
}
OUTCOMES: dict[str, tuple[str, Tone]] = {
    "live": ("Live everywhere", "ok"),
    "live_in_part": ("Live in part", "warn"),
    "restored": ("Failed, taken back", "bad"),
    "canceled": ("Canceled, taken back", "idle"),
    "rehearsed": ("Rehearsed", "ok"),
    "superseded": ("Superseded", "idle"),
}
STEPS: dict[str, tuple[str, Tone]] = {
    "planned": ("Planned", "idle"),
    "known": ("Looked at", "idle"),
    "staging": ("Being staged", "busy"),
    "staged": ("Staged, hidden", "busy"),
    "published": ("Published", "busy"),
    "live": ("Live", "ok"),
    "restored": ("Put back", "idle"),
}
FACTS = {
    "created": "Made",
    "approved": "Approved",
    "pause": "Paused",
    "resume": "Resumed",
    "move": "Moved to another moment",
    "add-channel": "Channel added",
    "drop-channel": "Channel left out",
    "recheck": "Findings looked at again",
    "cancel": "Cancel asked",
    "blocked": "Stopped by findings",
    "barrier": "The moment: everything is published",
    "leaked": "Seen before its moment",
    "channel_failed": "A channel could not go live",
    "restoring": "Taken back",
    "restored": "Put back",
    "connection_resumed": "A connection takes changes again",
    "ended": "Over",
}


def standing(launch: Mapping[str, Any]) -> tuple[str, Tone]:
    """Where it stands in words: its outcome when it is over."""
    if launch["outcome"]:
        return OUTCOMES.get(launch["outcome"], (words(launch["outcome"]), "idle"))
    return STAGES.get(launch["stage"], (words(launch["stage"]), "idle"))


def step(listing: Mapping[str, Any]) -> tuple[str, Tone]:
    """The step that a product has come to on a channel; what stops it goes before."""
    if listing["is_left"]:
        return "Left hidden: changed by others", "warn"
    if listing["blocked"]:
        return "Stopped", "bad"
    return STEPS.get(listing["state"], (words(listing["state"]), "idle"))


def duration(milliseconds: int | None) -> str:
    """As short as it can be told."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.1f} s" if milliseconds < 60_000 else seconds(milliseconds / 1000)
