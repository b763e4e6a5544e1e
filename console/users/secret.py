"""A secret that is shown once."""

from __future__ import annotations

from nicegui import ui

from console.parts.question import Question
from console.parts.text import Text


async def show_once(title: str, secret: str, note: str) -> None:
    """Until the person has taken it; nothing shows it again."""
    with Question(title, leave="", stays=True) as question:
        Text("p", note)
        Text("code", secret, "code secret")
        with question.actions():
            ui.button("Copy", on_click=lambda: ui.clipboard.write(secret)).props("outline no-caps")
            ui.button("I have it", on_click=lambda: question.answer(None)).props("unelevated no-caps")
    await question
