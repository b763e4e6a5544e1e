"""A form that keeps what was typed: problems stand at their fields, and a refusal, a fault or a new sign-in loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from console.parts.error import show_problem
from console.problems import HubError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

Field = ValueElement[Any]
Added = TypeVar("Added", bound=Field)


class Form:
    """Fields by the names that the API gives them; `submit(values)` sends them."""

    def __init__(self, submit: Callable[[dict[str, Any]], Awaitable[Any]], *, label: str = "Save") -> None:
        self._submit = submit
        self._label = label
        self._fields: dict[str, Field] = {}
        self._required: dict[str, str] = {}

    def text(
        self, name: str, label: str, value: str = "", *, required: bool = False, hint: str = "", kind: str = "text"
    ) -> ui.input:
        """One line; `kind` is HTML's type of an input."""
        field = ui.input(label, value=value).props(f'outlined dense type="{kind}"')
        return self.add(name, field, label, required=required, hint=hint)

    def area(self, name: str, label: str, value: str = "", *, required: bool = False, hint: str = "") -> ui.textarea:
        """Several lines."""
        field = ui.textarea(label, value=value).props("outlined dense autogrow")
        return self.add(name, field, label, required=required, hint=hint)

    def number(
        self, name: str, label: str, value: float | None = None, *, required: bool = False, hint: str = ""
    ) -> ui.number:
        """A number; the form gives None for an empty one."""
        return self.add(
            name, ui.number(label, value=value).props("outlined dense"), label, required=required, hint=hint
        )

    def choice(
        self, name: str, label: str, of: Mapping[str, str], value: str | None = None, *, required: bool = False,
        hint: str = "",
    ) -> ui.select:  # fmt: skip
        """One of these, shown by their labels."""
        field = ui.select(dict(of), label=label, value=value if value in of else None).props(
            "outlined dense options-dense"
        )
        return self.add(name, field, label, required=required, hint=hint)

    def check(self, name: str, label: str, *, value: bool = False) -> ui.checkbox:
        """Yes or no."""
        return self.add(name, ui.checkbox(label, value=value), label)

    def add(self, name: str, field: Added, label: str, *, required: bool = False, hint: str = "") -> Added:
        """Any other field of NiceGUI's."""
        self._fields[name] = field
        if required:
            self._required[name] = label
        if hint:
            field.props["hint"] = hint
        return field

    @property
    def values(self) -> dict[str, Any]:
        """What is typed now; text without the blanks around it."""
        return {name: _clean(field.value) for name, field in self._fields.items()}

    def button(self, label: str | None = None) -> ui.button:
        """The place of problems that belong to no field, and the button that sends the form."""
        self._trouble = ui.element("div")
        self._button = ui.button(label or self._label, on_click=self.send).props("unelevated no-caps")
        return self._button

    async def send(self) -> bool:
        """Send what is typed; whether the hub took it."""
        self._mark({name: "fill this in" for name in self._required if self.values[name] in (None, "")})
        self._trouble.clear()
        if any("error" in field.props for field in self._fields.values()):
            return False
        self._button.disable()
        try:
            await self._submit(self.values)
        except HubError as problem:
            self._tell(problem)
            return False
        finally:
            self._button.enable()
        return True

    def _tell(self, problem: HubError) -> None:
        if isinstance(problem, RefusedError):
            self._mark(problem.fields)
        if not isinstance(problem, RefusedError) or not set(problem.fields) & set(self._fields):
            with self._trouble:
                show_problem(problem)

    def _mark(self, wrong: Mapping[str, str]) -> None:
        for name, field in self._fields.items():
            for prop in ("error", "error-message"):
                field.props.pop(prop, None)
            if name in wrong:
                field.props["error"] = True
                field.props["error-message"] = wrong[name]
            field.update()


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
