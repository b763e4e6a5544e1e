"""What becomes of a listing after it was told something: done, waited for, tried again; pure."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

FIRST_LOOK, LONGEST_LOOK = timedelta(milliseconds=300), timedelta(seconds=30)
ACCEPTED_FOR = timedelta(minutes=15)
"""What the platform has accepted and does not show after this long is told again."""
SETTLES_WITHIN = timedelta(seconds=12)
"""A call whose answer was lost may still arrive this long."""
CONTESTED_AT = 5
"""So many times in a row others may change what the hub has set, before it stops answering each of them at once."""
REST = timedelta(hours=1)
_FIRST, _LONGEST = timedelta(seconds=20), timedelta(hours=1)

Told = Literal["confirmed", "waiting", "due"]


class After(NamedTuple):
    """How the listing stands: `due_at` when it is told again, `look_at` when it is looked at again."""

    told: Told
    due_at: datetime | None = None
    look_at: datetime | None = None
    attempts: int = 0
    error_code: str = ""


def unseen(sent_at: datetime, attempts: int, now: datetime, *, is_answered: bool) -> After:
    """Some fields do not show yet: looked at again ever more seldom, and told again when it takes too long."""
    patience = ACCEPTED_FOR if is_answered else SETTLES_WITHIN
    if now - sent_at >= patience:
        return After("due", now + pause(attempts), None, attempts + 1, "not_shown" if is_answered else "")
    soon = min(max((now - sent_at) / 2, FIRST_LOOK), LONGEST_LOOK)
    return After("waiting", None, min(now + soon, sent_at + patience), attempts)


def refused(attempts: int, code: str, now: datetime) -> After:
    """The platform said no: tried again by itself, ever more seldom, since somebody may mend it there."""
    return After("due", now + pause(attempts), None, attempts + 1, code or "rejected")


def pause(attempts: int) -> timedelta:
    return min(_LONGEST, _FIRST * float(2 ** min(attempts, 10)))
