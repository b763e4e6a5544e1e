"""Taking a listing back to what it was: three-way, so that what somebody else has changed meanwhile stays."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from domain.base import Frozen
from domain.launch.sameness import same

Fields = Mapping[str, Any]


class Restoration(Frozen):
    """What to write, and what is kept because it is not ours any more (the value that stands there)."""

    write: dict[str, Any] = Field(default_factory=dict)
    kept: dict[str, Any] = Field(default_factory=dict)


def restoration(before: Fields, wanted: Fields, shown: Fields | None, current: Fields) -> Restoration:
    """`before` is the snapshot, `wanted` what we sent, `shown` what the channel made of it (None: it was never read).

    A field that we never wrote is not touched. One that we wrote goes back if it still is as we left it.
    """
    write, kept = {}, {}
    for name, value in wanted.items():
        now = current.get(name)
        if same(name, now, before.get(name)):
            continue
        if is_ours(name, value, shown, now):
            write[name] = before.get(name)
        else:
            kept[name] = now
    return Restoration(write=write, kept=kept)


def is_ours(name: str, wanted: Any, shown: Fields | None, now: Any) -> bool:
    """Whether the field stands as we left it: as the channel showed it to us then, or as we had sent it."""
    return same(name, now, wanted) or (shown is not None and same(name, now, shown.get(name)))


def foreign(wanted: Fields, shown: Fields | None, current: Fields) -> tuple[str, ...]:
    """Fields that somebody else has changed after us."""
    return tuple(name for name, value in wanted.items() if not is_ours(name, value, shown, current.get(name)))
