"""What a look at a listing means: what has landed, what is still on its way, and what somebody else has changed; pure."""

import json
from typing import Any, NamedTuple

from pydantic import Field

from domain.base import Frozen
from domain.content.fields import Fields, other_words
from domain.drift import Author
from domain.launch.merge import is_ours
from domain.launch.sameness import same


class Known(Frozen):
    """A listing as the hub knows it; `sending` is what was sent and has not been seen yet, `replaced` what stood there."""

    expected: dict[str, Any] = Field(default_factory=dict)
    published: dict[str, Any] = Field(default_factory=dict)
    confirmed: dict[str, Any] = Field(default_factory=dict)
    replaced: dict[str, Any] = Field(default_factory=dict)
    sending: dict[str, Any] = Field(default_factory=dict)

    @property
    def ours(self) -> frozenset[str]:
        """Fields that are compared: all that we mean to show there, and what is under way."""
        return frozenset(self.expected) | frozenset(self.sending)


class Foreign(NamedTuple):
    """A field that shows what we did not put there."""

    name: str
    shown: Any
    author: Author


class Seen(NamedTuple):
    """What is confirmed after the look, fields under way that do not show yet, and those that others have changed."""

    confirmed: dict[str, Any]
    waiting: tuple[str, ...] = ()
    foreign: tuple[Foreign, ...] = ()


def look(known: Known, shown: Fields) -> Seen:
    """Fields of others are not looked at: whatever stands there is theirs."""
    confirmed, waiting, foreign = dict(known.confirmed), [], []
    for name in sorted(known.ours):
        if name not in shown and name not in known.confirmed:
            continue  # the channel never shows it: its yes is all there is
        now = shown.get(name)
        if name in known.sending and not same(name, now, known.sending[name]):
            if name in known.confirmed and same(name, now, known.confirmed[name]):
                waiting.append(name)
                continue
            if not other_words(known.sending[name], now):
                foreign.append(Foreign(name, now, "channel"))
        elif name not in known.sending and _is_foreign(known, name, now):
            ours = known.published.get(name, known.expected.get(name))
            foreign.append(Foreign(name, now, author(ours, now, known.replaced.get(name))))
        confirmed[name] = now
    return Seen(confirmed, tuple(waiting), tuple(foreign))


def _is_foreign(known: Known, name: str, now: Any) -> bool:
    """It is neither as we left it nor as it should be; of one that was never seen nothing can be said."""
    if name not in known.confirmed or same(name, now, known.expected.get(name)):
        return False
    return not is_ours(name, known.published.get(name, known.confirmed[name]), known.confirmed, now)


def author(ours: Any, shown: Any, replaced: Any) -> Author:
    """The channel, where it wrote our own value in its way, cut it, or went back to what stood there; else a person."""
    if replaced is not None and same("", shown, replaced):
        return "channel"
    mine, theirs = _letters(ours), _letters(shown)
    is_cut = bool(theirs) and len(theirs) * 2 >= len(mine) and mine.startswith(theirs)
    is_fewer = isinstance(ours, list) and isinstance(shown, list) and 0 < len(shown) < len(ours)
    return (
        "channel"
        if mine == theirs or is_cut or (is_fewer and set(map(_file, shown)) < set(map(_file, ours)))
        else "person"
    )


def _letters(value: Any) -> str:
    """What people read of it: no markup, no punctuation, no case."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    is_tag, kept = False, []
    for sign in text:
        if sign in "<>":
            is_tag = sign == "<"
        elif not is_tag and sign.isalnum():
            kept.append(sign.casefold())
    return "".join(kept)


def _file(entry: Any) -> str:
    return json.dumps(entry, sort_keys=True, default=str).partition("?")[0].rpartition("/")[2]
