"""Putting a version in force: previewed where the hub can say what it would do, and told when somebody was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.confirm import confirm

if TYPE_CHECKING:
    from console.here import Here
    from console.rules.kinds import Kind


async def put_in_force(here: Here, kind: Kind, version: str, before: str) -> None:
    """Say what it does, then do it, if the rules in force are still those that the person looks at."""
    consequences = kind.effect(version, before)
    if kind.key == "allocation":
        consequences += _previewed(await here.api.post(f"{kind.path}/{version}/preview"))

    async def act(_reason: str) -> None:
        await here.api.post(f"{kind.path}/{version}/{kind.force}", if_match=before or None)

    if await confirm(
        f"{kind.verb}: {version}",
        consequences,
        act,
        do=kind.verb,
        done=f"{version} is in force",
        look_again=here.reload,
    ):
        await here.reload()


def _previewed(preview: dict[str, Any]) -> list[str]:
    """The effect by channel, on the stock of this moment."""
    said = [
        f"{channel}: {effect['changed']} of {effect['numbers']} numbers change, {effect['units_before']} units become "
        f"{effect['units_after']}" + (f", {effect['sold_out']} would be sold out." if effect["sold_out"] else ".")
        for channel, effect in preview["channels"].items()
        if effect["changed"]
    ]
    return said or ["No number on any channel changes."]
