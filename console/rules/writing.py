"""A new version of some rules: written as YAML from an older one, stored under a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from nicegui import context, ui

from console.parts.error import tell_done
from console.parts.form import Form
from console.parts.text import Text
from console.problems import RefusedError

if TYPE_CHECKING:
    from console.here import Here
    from console.rules.kinds import Kind


async def write_version(here: Here, kind: Kind, body: dict[str, Any], before: str) -> None:
    """Ask for the name and the rules; what the hub does not accept is said, and nothing typed is lost."""
    with context.client.layout, ui.dialog().props("persistent") as dialog, ui.card().classes("dialog dialog-wide"):
        Text("h2", f"New version of: {kind.title}")
        dialog.props["aria-label"] = f"New version of: {kind.title}"
        if not kind.force:
            Text("p", f"It is in force as soon as it is stored. {kind.note}", "muted")

        async def store(values: dict[str, Any]) -> None:
            await here.api.put(
                f"{kind.path}/{values['version']}",
                {**_read(values["body"]), "version": values["version"]},
                if_match=None if kind.force else before or None,
            )
            dialog.submit(values["version"])

        form = Form(store, label="Store")
        form.text("version", "Name of the version", required=True, hint="letters, digits, dots and dashes")
        old = {name: value for name, value in body.items() if name != "version"}
        text = form.area(
            "body", "Rules (YAML)", yaml.safe_dump(old, sort_keys=False, allow_unicode=True), required=True
        )
        text.classes("code-area")
        with ui.element("div").classes("dialog-actions"):
            ui.button("Not now", on_click=lambda: dialog.submit(None)).props("flat no-caps")
            form.button()
    stored: str | None = await dialog
    dialog.delete()
    if stored:
        tell_done(f"{stored} is stored")
        ui.navigate.to(f"/rules/{kind.key}/{stored}")


def _read(text: str) -> dict[str, Any]:
    try:
        body = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _wrong(f"this is not YAML: {error}") from None
    if not isinstance(body, dict):
        raise _wrong("rules are written as fields: `name: value`, one a line")
    return body


def _wrong(message: str) -> RefusedError:
    return RefusedError(422, {"detail": message, "errors": [{"field": "body", "message": message}]})
