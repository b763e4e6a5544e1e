"""Text and headings: whatever a person wrote is shown as it was written, never read as markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

if TYPE_CHECKING:
    from nicegui.element import Element

Tag = Literal["h1", "h2", "h3", "p", "span", "div", "dt", "dd", "li", "legend", "strong", "code"]


class Text(TextElement):
    """Text in an HTML element of this tag."""

    def __init__(self, tag: Tag, content: object, classes: str = "") -> None:
        super().__init__(tag=tag, text=str(content))
        self.classes(classes)


def text(content: object, classes: str = "", *, tag: Tag = "span") -> Text:
    """Plain text; `muted`, `number`, `small`, `strong` are classes that every page has."""
    return Text(tag, content, classes)


def heading(content: str, level: Literal[2, 3] = 2) -> Text:
    """A heading below the page's own."""
    return Text("h2" if level == 2 else "h3", content)


def page_head(title: str, note: str = "") -> Element:
    """The page's one `h1`; enter what is returned to put actions at its right."""
    with ui.element("div").classes("page-head"):
        with ui.element("div").classes("page-head-text"):
            Text("h1", title)
            if note:
                Text("p", note, "muted")
        return ui.element("div").classes("page-actions")


def section(title: str, note: str = "") -> Element:
    """A titled panel; enter what is returned to fill it."""
    with ui.element("section").classes("panel") as panel, ui.element("div").classes("panel-head"):
        heading(title)
        if note:
            text(note, "muted small")
    return panel


def facts(rows: dict[str, object]) -> None:
    """Names and values as a definition list; empty values are left out."""
    with ui.element("dl").classes("facts"):
        for name, value in rows.items():
            if value not in (None, ""):
                Text("dt", name)
                Text("dd", value)


def for_people(remedy: str) -> str:
    """A remedy without the commands and calls that it names in brackets: here a person has buttons."""
    return re.sub(r" \([^()]*(?:tutti |GET |PUT |POST )[^()]*\)", "", remedy)
