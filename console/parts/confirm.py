"""An action that changes something: its consequences said first, a reason where one is wanted, conflicts told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.error import show_problem, tell_done
from console.parts.question import Question
from console.parts.text import Text
from console.parts.time import moment
from console.problems import ChangedMeanwhileError, HubError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


class Preview:
    """Consequences that the hub says itself: asked when the dialog opens, and by `refresh` when a choice changes.

    `ask()` gives them; a HubError of it is shown in their place, and nothing can be done then.
    """

    def __init__(self, ask: Callable[[], Awaitable[Sequence[str]]]) -> None:
        self._ask = ask
        self._place: ui.element
        self._button: ui.button

    def show_in(self, place: ui.element, button: ui.button) -> None:
        """Where they are listed, and the button that waits for them."""
        self._place, self._button = place, button

    async def refresh(self) -> None:
        """Ask anew."""
        self._button.disable()
        try:
            said = await self._ask()
        except HubError as problem:
            self._place.clear()
            with self._place:
                show_problem(problem)
            return
        self._place.clear()
        with self._place:
            for each in said:
                Text("li", each)
        self._button.enable()


async def confirm(
    title: str,
    consequences: Sequence[str] | Preview,
    act: Callable[[str], Awaitable[Any]],
    *,
    do: str,
    reason: bool = False,
    danger: bool = False,
    done: str = "",
    look_again: Callable[[], Awaitable[Any]] | None = None,
    choices: Callable[[], object] | None = None,
) -> bool:
    """Show what `act(reason)` will do, and do it when the person says so; whether it was done.

    `do` is the button's verb; `consequences` are sentences, or a Preview that asks the hub for them. A problem is shown in the dialog, which stays; when somebody else was faster it says
    who changed what, and offers `look_again` instead of another try. `choices()` draws what is to be chosen first.
    """
    with Question(title) as question:
        with ui.element("ul").classes("consequences stack tight").props('aria-live="polite"') as listed:
            for each in consequences if not isinstance(consequences, Preview) else ("Asking the hub …",):
                Text("li", each)
        if choices:
            choices()
        why = ui.textarea("Reason (kept in the audit log)").props("outlined dense autogrow") if reason else None
        trouble = ui.element("div")

        async def go() -> None:
            given = str(why.value or "").strip() if why else ""
            if why and not given:
                why.props('error error-message="say why"')
                return
            button.disable()
            try:
                await act(given)
            except HubError as problem:
                trouble.clear()
                with trouble:
                    _tell(problem, question, look_again)
                button.set_enabled(not isinstance(problem, ChangedMeanwhileError))
            else:
                question.answer(True)

        with question.actions():
            color = "negative" if danger else "primary"
            button = ui.button(do, on_click=go, color=color).props("unelevated no-caps")
    question.open()
    if isinstance(consequences, Preview):
        consequences.show_in(listed, button)
        await consequences.refresh()
    was_done = bool(await question)
    if was_done and done:
        tell_done(done)
    return was_done


def _tell(problem: HubError, question: Question, look_again: Callable[[], Awaitable[Any]] | None) -> None:
    if not isinstance(problem, ChangedMeanwhileError):
        show_problem(problem)
        return

    async def look() -> None:
        question.answer(None)
        if look_again:
            await look_again()

    with ui.element("div").classes("notice notice-warn").props('role="alert"'):
        with ui.element("div").classes("notice-text"):
            Text("strong", problem.title)
            Text("p", problem)
            if problem.more.get("changed_at"):
                moment(str(problem.more["changed_at"]))
        ui.button("Look again", on_click=look).props("flat no-caps")
