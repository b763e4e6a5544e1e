"""The answers of the form of a new launch: its channels, moment, policy, reserved stock and approvers, as the API takes them."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from console.launches.channels import Channel

ALL, SOME = "all", "some"
POLICIES = {ALL: "All channels or none", SOME: "At least some of them"}
MODES = {
    "real": "For real",
    "dry_run": "Dry run: everything but writing",
    "rehearsal": "Rehearsal on the connections that stand in",
}


class Channels:
    """One box per connection that takes listings; what it cannot do now is said beside it."""

    def __init__(self, channels: Sequence[Channel], changed: Callable[[], None]) -> None:
        self._boxes: dict[str, ui.checkbox] = {}
        if not channels:
            Text("p", "No connection takes products yet: open one under Connections.", "muted")
        with ui.element("fieldset").classes("choices"):
            Text("legend", "Where it goes live", "muted small")
            for each in channels:
                with ui.element("div").classes("row"):
                    box = ui.checkbox(each.name, on_change=changed)
                    self._boxes[each.id] = box
                    if each.trouble:
                        box.disable()
                    Text("span", each.trouble or each.platform.capitalize(), "muted small")

    @property
    def chosen(self) -> list[str]:
        return [name for name, box in self._boxes.items() if box.value]


class Policy:
    """What must be live for the launch to stand."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self._kind = ui.radio(POLICIES, value=ALL).props("inline dense")
        with ui.element("div").classes("row").bind_visibility_from(self._kind, "value", value=SOME):
            self.least = ui.number("At least this many", value=1, min=1, precision=0).props("outlined dense")
            self.must = ui.select({}, label="And never without", multiple=True, value=[]).props(
                "outlined dense options-dense use-chips"
            )
            self.must.style("min-width: 220px")

    def among(self, channels: Sequence[str]) -> None:
        """Only chosen channels can be named."""
        kept = [each for each in self.must.value or [] if each in channels]
        self.must.set_options({each: self._names.get(each, each) for each in channels}, value=kept)

    @property
    def asked(self) -> dict[str, Any]:
        if self._kind.value == ALL:
            return {}
        return {"at_least": int(self.least.value or 1), "must": list(self.must.value or [])}


class Reserve:
    """Units by SKU that are kept for the launch until its moment."""

    def __init__(self) -> None:
        self.units: dict[str, int] = {}
        with ui.element("div").classes("row"):
            self._sku = ui.select({}, label="SKU", with_input=True).props("outlined dense options-dense")
            self._count = ui.number("Units", min=1, precision=0).props("outlined dense").style("width: 110px")
            ui.button("Reserve", on_click=self._add).props("outline no-caps")
        self._shown = ui.element("div").classes("row")

    def among(self, skus: Sequence[str]) -> None:
        """Only what is launched can be reserved for it."""
        self._sku.set_options({sku: sku for sku in skus[:2000]})
        self.units = {sku: units for sku, units in self.units.items() if sku in set(skus)}
        self._draw()

    def _add(self) -> None:
        if self._sku.value and self._count.value:
            self.units[str(self._sku.value)] = int(self._count.value)
            self._sku.value, self._count.value = None, None
            self._draw()

    def _remove(self, sku: str) -> None:
        self.units.pop(sku, None)
        self._draw()

    def _draw(self) -> None:
        self._shown.clear()
        with self._shown:
            for sku, units in self.units.items():
                button = ui.button(f"{units} × {sku}", icon="close", on_click=lambda sku=sku: self._remove(sku))
                button.props("flat dense no-caps").props["aria-label"] = f"Do not reserve {sku}"


def name_for(title: str) -> str:
    """A launch's own name in addresses, from what people call it; never the same twice."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-") or "launch"
    return f"{plain}-{secrets.token_hex(2)}"
