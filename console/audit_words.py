"""A row of the audit log in words: what was done, to what, with which reason."""

from __future__ import annotations

from typing import Any

from console.parts.status import words
from console.rules.reading import in_words, value_in_words

SHORT = 110
_PAGES = {"order": "/orders/", "return": "/returns/", "launch": "/launches/", "connection": "/connections/"}


def action_in_words(action: str) -> str:
    """`order.hold` as "Order: hold"."""
    kind, _, verb = action.partition(".")
    return f"{words(kind)}: {words(verb).lower()}" if verb else words(kind)


def page_of(change: dict[str, Any]) -> str | None:
    """Where what was changed is looked at."""
    kind, _, number = change["target"].partition(":")
    if kind == "exception" and number:
        return f"/exceptions/{number}"
    page = _PAGES.get(change["action"].partition(".")[0])
    return page + change["target"] if page else None


def reason_of(change: dict[str, Any]) -> str:
    """Why, if the person was asked."""
    return str((change["after"] or {}).get("reason") or "")


def what_changed(change: dict[str, Any]) -> str:
    """Before and after in one short line, without the reason."""
    told = [f"{field}: {f'{old} → ' if old else ''}{new}" for field, old, new in fields_of(change) if field != "Reason"]
    line = "; ".join(told)
    return line if len(line) <= SHORT else f"{line[:SHORT].rstrip()} …"


def fields_of(change: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each field that was told of: its name, what it was (empty where nothing is said of that), what it is."""
    before, after = change["before"] or {}, change["after"] or {}
    names = [*before, *(name for name in after if name not in before)]
    return [
        (in_words(name), value_in_words(before[name]) if name in before else "", value_in_words(after.get(name)))
        for name in names
        if before.get(name) != after.get(name)
    ]
