"""A new version of some rules: written as YAML from an older one, compared with those in force, stored under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from nicegui import ui

from console.parts.error import tell_done
from console.parts.form import Form
from console.parts.question import Question
from console.parts.text import Text
from console.problems import RefusedError
from console.rules.differences import show_differences
from console.rules.lines import at_lines, read

if TYPE_CHECKING:
    from console.here import Here
    from console.rules.kinds import Kind

LOOK, STORE = "See what changes", "Store"


async def write_version(here: Here, kind: Kind, body: dict[str, Any], before: str) -> None:
    """Ask for the name and the rules; what the hub does not accept is said at its line, and nothing typed is lost."""
    with Question(f"New version of: {kind.title}", wide=True, stays=True) as question:
        Draft(here, kind, before, question).draw(body)
    stored: str | None = await question
    if stored:
        tell_done(f"{stored} is stored")
        ui.navigate.to(f"/rules/{kind.key}/{stored}")


class Draft:
    """What is typed; it is stored once its differences were looked at as they are."""

    def __init__(self, here: Here, kind: Kind, before: str, question: Question) -> None:
        self._here, self._kind, self._before, self._question = here, kind, before, question
        self._seen: dict[str, Any] | None = None

    def draw(self, body: dict[str, Any]) -> None:
        """The form, and the place of the differences."""
        if not self._kind.force:
            Text("p", f"It is in force as soon as it is stored. {self._kind.note}", "muted")
        form = Form(self._look_or_store, label=LOOK)
        name = form.text("version", "Name of the version", required=True, hint="letters, digits, dots and dashes")
        old = {name: value for name, value in body.items() if name != "version"}
        typed = yaml.safe_dump(old, sort_keys=False, allow_unicode=True)
        text = form.area("body", "Rules (YAML)", typed, required=True).classes("code-area")
        self._shown = ui.element("div").classes("stack").props('aria-live="polite"')
        with self._question.actions():
            self._button = form.button()
        name.on_value_change(self._forget)
        text.on_value_change(self._forget)

    def _forget(self) -> None:
        """It says something else now."""
        self._seen = None
        self._button.set_text(LOOK)
        self._shown.clear()

    async def _look_or_store(self, values: dict[str, Any]) -> None:
        rules = {**read(values["body"]), "version": values["version"]}
        if rules == self._seen:
            await self._store(rules, values["body"])
        else:
            await self._look(rules, values["body"])

    async def _look(self, rules: dict[str, Any], typed: str) -> None:
        path = f"{self._kind.path}/compare"
        try:
            found = await self._here.api.post(path, rules, against=self._before or None)
        except RefusedError as problem:
            raise at_lines(problem, typed) from None
        self._shown.clear()
        with self._shown:
            for warning in found["warnings"]:
                Text("p", warning, "notice notice-warn")
            changes = [each for each in found["changes"] if each["field"] != "version"]
            show_differences(changes, rules["version"], self._before or "nothing")
        self._seen = rules
        self._button.set_text(STORE)

    async def _store(self, rules: dict[str, Any], typed: str) -> None:
        unchanged = None if self._kind.force else self._before or None
        try:
            await self._here.api.put(f"{self._kind.path}/{rules['version']}", rules, if_match=unchanged)
        except RefusedError as problem:
            raise at_lines(problem, typed) from None
        self._question.answer(rules["version"])
