"""What happens to a number after it was sent: confirmed, refused, changed by somebody else, and when to try again."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from domain.causes import Cause

NEWS_GRACE = timedelta(seconds=10)
"""A number that fell at the channel by itself is not raised before the orders behind it had this long to arrive."""
LOOK_AFTER = timedelta(seconds=10)
"""How long the platform's own webhook has to confirm a number, before it is read back."""
CONTESTED_AT = 8
"""So many times others may raise what the hub has just set, before it stops answering each of them at once."""
CALM = timedelta(minutes=10)
"""A number that stayed as it was this long is contested no more."""
REST = timedelta(minutes=1)
_FIRST, _LONGEST = timedelta(seconds=20), timedelta(hours=1)

ACCEPTED_FOR = timedelta(minutes=15)
"""A number that the platform has accepted and does not show after this long is sent again."""

Outcome = Literal["confirmed", "accepted", "rejected", "stale"]


class Sent(NamedTuple):
    """A number that was sent, and what is known around it now; `expected` may be newer than what was sent.

    `raise_at` is when an earlier fall at the channel may be answered, None if there was none.
    """

    sent: int
    expected: int | None
    before: int | None
    before_at: datetime | None
    attempts: int
    contests: int
    raise_at: datetime | None = None
    was_ours: bool = True
    """Whether `before` is what the hub had set: several changes in a row by the channel are one contest."""


class After(NamedTuple):
    """What becomes of it: the number that the channel shows, whether it is due again and when, and what is wrong."""

    confirmed: int | None
    confirmed_by: str
    is_due: bool
    due_at: datetime
    attempts: int = 0
    contests: int = 0
    error_code: str = ""
    is_pending: bool = False
    """Accepted, and not shown yet: it is looked at again."""


def after(sent: Sent, outcome: Outcome, shown: int | None, code: str, now: datetime) -> After:
    """Pure: what the answer to one item of a batch means."""
    if outcome == "rejected":
        pause = min(_LONGEST, _FIRST * 2**sent.attempts)
        error = code or "rejected"
        return After(sent.before, "", sent.expected is not None, now + pause, sent.attempts + 1, error_code=error)
    if outcome == "stale":
        return changed_by_channel(sent, shown, now)
    if outcome == "accepted":
        return accepted(sent, now)
    number = sent.sent if shown is None else shown
    if number != sent.sent:  # clamped or rounded: sending the same again would give the same again
        is_due = sent.expected not in (None, sent.sent)
        return After(number, "answer", is_due, now, contests=sent.contests, error_code="altered")
    return After(number, "answer", sent.expected not in (None, number), now, contests=sent.contests)


def accepted(sent: Sent, now: datetime) -> After:
    """The platform said yes and does not show it yet; something newer goes all the same."""
    is_due = sent.expected not in (None, sent.sent)
    return After(sent.before, "", is_due, now, contests=sent.contests, is_pending=not is_due)


def changed_by_channel(sent: Sent, shown: int | None, now: datetime) -> After:
    """The channel shows what we did not set: it fell by a sale that we may not have heard of, or somebody edited it."""
    if shown is None or sent.expected is None or shown == sent.expected:
        return After(shown, "channel", is_due=False, due_at=now, contests=sent.contests)
    if sent.before is not None and shown < sent.before:
        may_raise_at = sent.raise_at or now + NEWS_GRACE
        return After(
            shown, "channel", is_due=True, due_at=may_raise_at if sent.expected > shown else now, contests=sent.contests
        )
    is_calm = sent.before_at is None or now - sent.before_at > CALM
    contests = 1 if is_calm else sent.contests + int(sent.was_ours)
    if contests > CONTESTED_AT:
        return After(shown, "channel", is_due=True, due_at=now + REST, contests=contests, error_code="contested")
    return After(shown, "channel", is_due=True, due_at=now, contests=contests)


def refused(connection_id: str, sku: str, code: str) -> Cause:
    """One listing whose number cannot be set; it is tried again by itself, and the exception closes when it goes."""
    if code == "altered":
        return Cause(
            kind="stock_altered",
            subject=f"{connection_id}:{sku}",
            title=f"{connection_id} shows another number of {sku} than it was told",
            remedy="The channel caps or rounds: say so in the allocation rules (show_at_most), or mend the listing there.",
            blocks=False,
        )
    if code == "contested":
        return Cause(
            kind="stock_contested",
            subject=f"{connection_id}:{sku}",
            title=f"Somebody else keeps changing the stock of {sku} on {connection_id}",
            remedy="Find the other app or person that writes stock there and stop it; the hub tries again by itself.",
            blocks=False,
        )
    return Cause(
        kind="stock_rejected",
        subject=f"{connection_id}:{sku}",
        title=f"{connection_id} refuses the stock of {sku} ({code})",
        remedy="Mend the listing at the channel; the number is tried again by itself, and this closes when it goes.",
        blocks=False,
    )


def unmapped(connection_id: str, count: int) -> Cause:
    """Listings of SKUs that no item is known for: their numbers are left alone."""
    return Cause(
        kind="unmapped_listings",
        subject=connection_id,
        title=f"{count} listings of {connection_id} are of SKUs that are not mapped; their stock is left alone",
        remedy="Map the SKUs to items (tutti items map); their numbers are published at once.",
        severity="info",
        blocks=False,
    )


def untold(connection_id: str, count: int) -> Cause:
    """Listings of items of which no location has ever said anything: a floor is shown after the rules' limit."""
    return Cause(
        kind="unknown_availability",
        subject=connection_id,
        title=f"{count} listings of {connection_id} are of items whose stock nobody has told",
        remedy="Count or receive them (tutti stock import); until the limit of the allocation rules their numbers "
        "are left alone, after it the floor is shown.",
        blocks=False,
    )


def unreachable(connection_id: str) -> Cause:
    """Numbers wait because the platform does not answer as it should."""
    return Cause(
        kind="stock_unreachable",
        subject=connection_id,
        title=f"{connection_id} does not take stock numbers now",
        remedy="The hub keeps trying; look at the platform's status page and the connection's health.",
        severity="critical",
        blocks=False,
    )
