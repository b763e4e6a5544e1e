"""How two documents differ, field by field."""

from typing import Any

from domain.base import Frozen


class Change(Frozen):
    """One field that differs; `before` or `after` is None where the field is missing on that side."""

    field: str
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        return f"{self.field}: {self.before!r} → {self.after!r}"


def changes(before: Any, after: Any, field: str = "") -> tuple[Change, ...]:
    """Every difference of two JSON documents, in the order of their fields; lists are compared by position."""
    if before == after:
        return ()
    if isinstance(before, list) and isinstance(after, list):
        before, after = dict(enumerate(before)), dict(enumerate(after))
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return (Change(field=field, before=before, after=after),)
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        change
        for name in names
        for change in changes(before.get(name), after.get(name), f"{field}.{name}" if field else str(name))
    )


def by_name(document: Any) -> Any:
    """The document with its lists of named things as things by name, so that one more of them is one difference."""
    if isinstance(document, dict):
        return {field: by_name(value) for field, value in document.items()}
    if not isinstance(document, list):
        return document
    names = [thing.get("name") if isinstance(thing, dict) else None for thing in document]
    if not names or not all(names) or len(set(names)) < len(names):
        return [by_name(thing) for thing in document]
    things = {name: by_name(thing) for name, thing in zip(names, document, strict=True)}
    return {"(order)": names, **things}
