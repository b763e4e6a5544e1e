"""Findings of the gates: what stops a product, where it is mended, and the waiver with its reason where the role allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.names import names
from console.parts.confirm import confirm
from console.parts.empty import empty
from console.parts.status import status, words
from console.parts.text import Text, for_people, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from console.here import Here

    After = Callable[[], Awaitable[object]]

MOST = 60


def draw_findings(
    here: Here, findings: Sequence[Mapping[str, Any]], channels: Mapping[str, str], after: After, *, none: str,
    leaves: bool = True,
) -> None:  # fmt: skip
    """What stops comes first; `after()` follows a waiver. Unless it `leaves`, a product opens in another tab."""
    if not findings:
        empty(none, icon="o_task_alt")
        return
    stopping = sum(stops(each) for each in findings)
    text(f"{stopping} that stop it, {len(findings) - stopping} that do not", "muted")
    with ui.element("ul").classes("findings"):
        for finding in findings[:MOST]:
            _draw(here, finding, channels, after, leaves=leaves)
    if len(findings) > MOST:
        text(f"and {len(findings) - MOST} more, once these are dealt with", "muted")


async def with_names(here: Here, findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same, each with the name of who answers for it instead of an id."""
    if not any(each["waived_by"] for each in findings):
        return [dict(each) for each in findings]
    people = await names(here)
    return [{**each, "waived_by": each["waived_by"] and people[each["waived_by"]]} for each in findings]


def stops(finding: Mapping[str, Any]) -> bool:
    """Nothing is published until it is mended or somebody answers for it."""
    return finding["severity"] == "blocking" and not finding["waived_by"]


def _draw(here: Here, finding: Mapping[str, Any], channels: Mapping[str, str], after: After, *, leaves: bool) -> None:
    is_stopping = stops(finding)
    channel = channels.get(finding["channel"], finding["channel"])
    place = " · ".join(each for each in (finding["product"], finding["sku"], words(finding["field"]), channel) if each)
    with ui.element("li").classes("finding"):
        if finding["waived_by"]:
            status("waived", tone="idle", label="Waived")
        else:
            status(
                finding["severity"], tone="bad" if is_stopping else "warn", label="Stops" if is_stopping else "Warning"
            )
        with ui.element("div").classes("notice-text"):
            Text("span", finding["text"], "strong")
            text(place, "muted small")
            said = f"waived by {finding['waived_by']}" if finding["waived_by"] else for_people(finding["remedy"])
            text(said, "small")
        with ui.element("div").classes("row"):
            _link(finding, channel, leaves=leaves)
            role = finding["waiver_role"]
            if role and not finding["waived_by"] and here.may(role):
                ui.button("Waive …", on_click=lambda: waive(here, finding, channel, after)).props(
                    "outline no-caps dense"
                )


def _link(finding: Mapping[str, Any], channel: str, *, leaves: bool) -> None:
    """Where it is mended: at the product, or at the connection that takes nothing now."""
    if not finding["product"]:
        ui.link("Look at the connection", f"/connections/{finding['channel']}").props["aria-label"] = (
            f"Look at {channel}"
        )
        return
    address = f"/products/{finding['product']}?channel={finding['channel']}"
    fix = ui.link("Fix the product", address, new_tab=not leaves)
    fix.props["aria-label"] = f"Fix the product {finding['product']}: {finding['text']}"


async def waive(here: Here, finding: Mapping[str, Any], channel: str, after: After) -> None:
    """The person answers for it by name, with a reason."""

    async def act(reason: str) -> None:
        body = {
            "channel": finding["channel"], "gate": finding["gate"], "sku": finding["sku"], "field": finding["field"],
            "reason": reason,
        }  # fmt: skip
        await here.api.post(f"/products/{finding['product']}/waivers", body)

    done = await confirm(
        "Waive this finding",
        [f"{finding['product']} goes to {channel} although: {finding['text']}.", "You answer for it by name; it can be revoked on the product's page."],
        act, do="Waive it", reason=True, done="Waived",
    )  # fmt: skip
    if done:
        await after()
