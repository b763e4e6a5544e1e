"""A new launch, step by step: products, channels, moment and rules, what the gates say, and then it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.launches.asking import MODES, Channels, Policy, Reserve, name_for
from console.launches.channels import launchable
from console.launches.checking import Checking
from console.launches.picker import Picker
from console.page import page
from console.parts.error import tell_done
from console.parts.form import Form
from console.parts.text import Text, page_head, section
from console.parts.when import When
from console.problems import HubError, RefusedError

if TYPE_CHECKING:
    from console.here import Here


@page("/launches/new", "New launch", role="operations")
async def new_launch(here: Here) -> None:
    """Nothing is public before the moment, and nothing is written before the launch is made."""
    page_head("New launch", "It is staged unseen at once; nothing is public before its moment.")
    found = await launchable(here)
    wish = Wish(here, {each.id: each.name for each in found})
    with section("1  Products", "only products that are ready can be launched"):
        wish.picker = Picker(here, wish.changed)
    with section("2  Channels"):
        wish.channels = Channels(found, wish.changed)
    with section("3  Moment and rules"):
        wish.draw_rules()
    with section("4  What the gates say", "look before you make it; they look again when it is staged"):
        ui.button("Look at it", on_click=wish.check).props("outline no-caps")
        wish.checking = Checking(here, wish.names)
    with section("5  Make it"):
        wish.summary = Text("p", "", "muted")
        wish.form.button()
    await wish.picker.start([each for each in here.query.get("products", "").split(",") if each])


class Wish:
    """What is asked for so far."""

    picker: Picker
    channels: Channels
    checking: Checking
    summary: Text

    def __init__(self, here: Here, names: dict[str, str]) -> None:
        self.names = names
        self.form = Form(self.make, label="Make the launch")
        self._here = here
        self._id = ""

    def draw_rules(self) -> None:
        """Name, moment, policy, approvers, reserved stock, and whether it is for real."""
        with ui.element("div").classes("columns"):
            with ui.element("div").classes("stack"):
                self.form.text("name", "What people call it", required=True)
                self._when = When("The moment it goes live")
                self.form.add("go_live_at", self._when.field, "Moment", required=True)
                self.form.number("approvals", "People who must approve", 1, hint="whoever makes it is none of them")
                self.form.choice("mode", "How", MODES, "real")
            with ui.element("div").classes("stack"):
                Text("h3", "It stands with")
                self._policy = Policy(self.names)
                self.form.add("at_least", self._policy.least, "At least")
                self.form.add("must", self._policy.must, "Never without")
                Text("h3", "Stock reserved for it")
                self._reserve = Reserve()

    def changed(self) -> None:
        """Other products or channels: what depends on them follows."""
        if not hasattr(self, "summary"):
            return
        channels, products = self.channels.chosen, self.picker.chosen
        self._policy.among(channels)
        self._reserve.among([sku for each in products.values() for sku in each["skus"]])
        self.checking.stops = None
        where = ", ".join(self.names[each] for each in channels)
        self.summary.text = (
            f"{len(products)} products on {where}" if products and channels else "Choose products and channels first."
        )

    async def check(self) -> bool:
        """What the gates find in it now."""
        if not self.picker.chosen or not self.channels.chosen:
            ui.notify("Choose products and channels first", position="top")
            return False
        return await self.checking.run(list(self.picker.chosen), self.channels.chosen)

    async def make(self, values: dict[str, Any]) -> None:
        """Ask the hub for it, and go to its board."""
        if not self.picker.chosen or not self.channels.chosen:
            raise HubError("choose products and channels first")
        self._id = self._id or name_for(values["name"])
        body = {
            "id": self._id, "name": values["name"], "products": list(self.picker.chosen),
            "channels": self.channels.chosen, "go_live_at": await self._when.instant(), "policy": self._policy.asked,
            "approvals": int(values["approvals"] or 0), "reserve": self._reserve.units, "mode": values["mode"],
        }  # fmt: skip
        try:
            await self._here.api.post("/launches", body)
        except RefusedError as problem:
            if problem.code != "launch_exists":  # an answer that was lost: it is ours, made a moment ago
                raise
        tell_done("It is being staged")
        ui.navigate.to(f"/launches/{self._id}")
