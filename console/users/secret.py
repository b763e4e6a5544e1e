"""A secret that is shown once."""

from __future__ import annotations

from nicegui import context, ui

from console.parts.text import Text


async def show_once(title: str, secret: str, note: str) -> None:
    """Until the person has taken it; nothing shows it again."""
    with context.client.layout, ui.dialog().props("persistent") as dialog, ui.card().classes("dialog"):
        Text("h2", title)
        dialog.props["aria-label"] = title
        Text("p", note)
        Text("code", secret, "code secret")
        with ui.element("div").classes("dialog-actions"):
            ui.button("Copy", on_click=lambda: ui.clipboard.write(secret)).props("outline no-caps")
            ui.button("I have it", on_click=lambda: dialog.submit(None)).props("unelevated no-caps")
    await dialog
    dialog.delete()
