"""Every action that an order allows now, its consequences tried at the hub and said first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.orders.bulk import DETAILS
from console.orders.words import stage_words, standing, step_words
from console.parts.confirm import Preview, confirm
from console.parts.question import Question
from console.parts.text import Text
from console.problems import RefusedError

if TYPE_CHECKING:
    from console.here import Here
    from console.places import Names

LABELS = {
    "cancel": "Cancel", "hold": "Hold", "release": "Release", "address": "Correct the address", "re-route": "Re-route",
    "retry": "Retry",
}  # fmt: skip
MEANS = {
    "cancel": "Every location that has it is asked to stop; what has shipped stays shipped.",
    "hold": "Nothing more is routed or sent until it is released; what a location has begun goes on.",
    "release": "It goes on in spite of payment, risk of fraud and holds.",
    "address": "What was sent to the old address is asked back and routed again.",
    "re-route": "What has not shipped is taken back and decided anew; the same locations may win again.",
    "retry": "The hub looks at it again at once.",
}  # fmt: skip
DO = {"cancel": "Cancel it"}
"""Where the label alone could be taken for leaving the dialog."""
DONE = "Recorded; the page follows"
ADDRESS = (
    ("name", "Name"), ("company", "Company"), ("line1", "Street and number"), ("line2", "More of the address"),
    ("postal_code", "Postal code"), ("city", "City"), ("province", "Province or state"),
    ("country", "Country, two letters"), ("phone", "Phone"),
)  # fmt: skip
REQUIRED = {"line1", "city", "country"}
_ROLE = "it needs the role"


def draw_actions(here: Here, order: dict[str, Any], known: Names) -> None:
    """A button for each that is allowed; the others say why not, on hover and to a screen reader."""
    refused = [each for each in order["actions"] if each["why_not"] and not each["why_not"].startswith(_ROLE)]
    for each in order["actions"]:
        if each["why_not"] is None:
            doing = Doing(here, order, each["action"], known)
            color = "negative" if each["action"] == "cancel" else "primary"
            ui.button(LABELS[each["action"]], on_click=doing.begin, color=color).props("outline no-caps")
    if refused and here.may("support"):
        with (
            ui.button("Not possible now").props('flat no-caps icon-right="expand_more" aria-haspopup="menu"'),
            ui.menu(),
            ui.element("div").classes("why-not stack tight"),
        ):
            for each in refused:
                Text("p", f"{LABELS[each['action']]}: {each['why_not']}", "small")


class Doing:
    """One action on the order as the person sees it."""

    def __init__(self, here: Here, order: dict[str, Any], action: str, known: Names) -> None:
        self._here = here
        self._order = order
        self._action = action
        self._known = known
        self._body: dict[str, Any] | None = None
        self._units: dict[str, ui.number] = {}

    async def begin(self) -> None:
        """Ask what is to be known first, then say what would happen."""
        if self._action == "address":
            await self._ask_address()
        else:
            await self._confirm()

    async def _confirm(self) -> None:
        preview = Preview(self._consequences)
        if self._action in DETAILS and self._body is None:
            name, _, choices = DETAILS[self._action]
            self._body = {_api_name(name): next(iter(choices))}
        await confirm(
            f"{LABELS[self._action]} · order {self._order['number']}", preview, self._act, do=DO.get(self._action, LABELS[self._action]),
            danger=self._action == "cancel", done=DONE, look_again=self._here.reload,
            choices=lambda: self._choices(preview),
        )  # fmt: skip

    def _choices(self, preview: Preview) -> None:
        if self._action in DETAILS:
            name, label, choices = DETAILS[self._action]

            async def change(value: str) -> None:
                assert self._body is not None
                self._body[_api_name(name)] = value
                await preview.refresh()

            box = ui.select(choices, label=label, value=next(iter(choices))).props("outlined dense options-dense")
            box.on_value_change(lambda event: change(event.value))
        if self._action == "cancel":
            self._ask_units(preview)

    def _ask_units(self, preview: Preview) -> None:
        """Empty everywhere: the whole order."""
        with ui.expansion("Only some units").props("dense").classes("units"):
            for line in self._order["lines"]:
                box = ui.number(f"{line['title'] or line['sku']} (of {line['quantity']})", min=0, precision=0)
                self._units[line["line_id"]] = box.props("outlined dense")
                box.on("blur", preview.refresh)

    def _sent(self) -> dict[str, Any] | None:
        units = {line_id: int(box.value) for line_id, box in self._units.items() if box.value}
        return (self._body or {}) | {"lines": units} if units else self._body

    async def _consequences(self) -> list[str]:
        tried = await self._post(self._sent(), preview=True)
        if not tried["allowed"]:
            raise RefusedError(409, {"detail": tried["detail"], "code": tried["code"]})
        before, after = tried["before"], tried["after"]
        moved = _moved(before["outcome"] or before["stage"], after["outcome"] or after["stage"])
        steps = [step_words(step, self._order["id"]) for step in after["next_steps"]]
        said = [MEANS[self._action], f"{moved}{standing(after['headline'], self._known)}."]
        return [*said, *(f"{step}." for step in steps)]

    async def _act(self, _reason: str) -> None:
        await self._post(self._sent(), if_match=self._order.get("version"))
        await self._here.reload()

    async def _post(self, body: Any, *, preview: bool | None = None, if_match: object = None) -> Any:
        path = f"/orders/{self._order['id']}/{self._action}"
        return await self._here.api.post(path, body, if_match=if_match, preview=preview)

    async def _ask_address(self) -> None:
        with Question("Where it goes", "It is kept encrypted, and the change is recorded.") as question:

            async def submit(values: dict[str, Any]) -> None:
                given = {name: value for name, value in values.items() if value}
                given["country"] = str(given.get("country", "")).upper()
                await self._post(given, preview=True)  # what is wrong with it stands at its fields
                self._body = given

            form = question.form(submit, label="See what happens")
            with ui.element("div").classes("columns"):
                for name, label in ADDRESS:
                    form.text(name, label, required=name in REQUIRED)
        if await question:
            await self._confirm()


def _moved(before: str, after: str) -> str:
    return "" if before == after else f"{stage_words(before)} → {stage_words(after)}: "


def _api_name(name: str) -> str:
    """A hold of one order calls its reason so."""
    return "reason" if name == "hold" else name
