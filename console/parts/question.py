"""A dialog that asks for something: its heading and name, a form or buttons, and a way out that changes nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from nicegui import context, ui

from console.parts.form import Form
from console.parts.text import Text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterator


class Question:
    """`with Question("Invite somebody") as question:` draws it, `await question` asks and gives the answer (None: none).

    `leave` is the button of the way out, and "" leaves none; `stays` keeps a click beside it from closing it.
    """

    def __init__(
        self, title: str, note: str = "", *, leave: str = "Not now", wide: bool = False, stays: bool = False
    ) -> None:
        with context.client.layout, ui.dialog() as self._dialog:
            self._card = ui.card().classes("dialog dialog-wide" if wide else "dialog")
        self._dialog.props["aria-label"] = title
        self._dialog.props["persistent"] = stays
        self._leave = leave
        self._form: Form | None = None
        self._has_actions = False
        with self._card:
            Text("h2", title)
            if note:
                Text("p", note, "muted small")

    def __enter__(self) -> Self:
        self._card.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if not self._has_actions and error[0] is None:
            with self.actions():
                if self._form is not None:
                    self._form.button()
        self._card.__exit__(*error)

    def form(self, submit: Callable[[dict[str, Any]], Awaitable[Any]], *, label: str = "Save") -> Form:
        """A form of its own; what `submit` gives is the answer, True when it gives nothing."""

        async def send(values: dict[str, Any]) -> None:
            given = await submit(values)
            self.answer(True if given is None else given)

        self._form = Form(send, label=label)
        return self._form

    @contextmanager
    def actions(self) -> Iterator[None]:
        """The row of buttons at its end, the way out first; drawn by itself where it is not asked for."""
        self._has_actions = True
        with ui.element("div").classes("dialog-actions"):
            if self._leave:
                ui.button(self._leave, on_click=lambda: self.answer(None)).props("flat no-caps")
            yield

    def open(self) -> None:
        """Show it before it is awaited, for what is looked up meanwhile."""
        self._dialog.open()

    def answer(self, given: object) -> None:
        """It is answered; None is no answer."""
        self._dialog.submit(given)

    def __await__(self) -> Generator[Any, None, Any]:
        return self._asked().__await__()

    async def _asked(self) -> Any:
        given = await self._dialog
        if not self._dialog.is_deleted:
            self._dialog.delete()
        return given
