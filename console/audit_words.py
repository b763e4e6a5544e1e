"""A row of the audit log in words: what was done, to what, with which reason."""

from __future__ import annotations

from typing import Any

from console.parts.status import words
from console.rules.reading import in_words, value_in_words

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
    """Before and after in one line, without the reason."""
    before, after = change["before"] or {}, change["after"] or {}
    told = []
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if name == "reason" or old == new:
            continue
        was = f"{value_in_words(old)} → " if name in before else ""
        told.append(f"{in_words(name)}: {was}{value_in_words(new)}")
    return "; ".join(told)
