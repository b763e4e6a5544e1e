"""Which connections a launch may go to, by the names that people gave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.parts.status import words

if TYPE_CHECKING:
    from console.here import Here


@dataclass(frozen=True)
class Channel:
    """A connection that takes listings; `trouble` says why it cannot be launched on now."""

    id: str
    name: str
    platform: str
    trouble: str
    rehearses_as: str


async def launchable(here: Here) -> list[Channel]:
    """Every connection whose platform takes listings and that has a form for them."""
    takes = {each["platform"] for each in await here.api.get("/platforms") if "TakesListings" in each["capabilities"]}
    found = [each for each in await here.api.get("/connections") if each["platform"] in takes]
    channels = []
    for each in found:
        forms = await here.api.get(f"/connections/{each['id']}/forms")
        trouble = "" if any(form["active"] for form in forms) else "has no form for products yet"
        if each["mode"] != "on":
            trouble = f"is not switched on ({words(each['mode']).lower()})"
        elif each["paused_at"]:
            trouble = f"is paused: {each['pause_reason']}"
        settings = each["settings"] or {}
        channels.append(
            Channel(each["id"], each["name"] or each["id"], each["platform"], trouble, settings.get("rehearses_as", ""))
        )
    return channels
