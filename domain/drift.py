"""A number that a channel shows and should not: who changed it, and what is done about it."""

from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import ConfigDict, Field

from domain.base import Frozen
from domain.causes import Cause

Author = Literal["us", "channel", "person"]
Action = Literal["repair", "accept", "ask"]

LATE = timedelta(seconds=60)
"""A number that should have been sent this long ago is late; younger ones are on their way."""


class VerificationPolicy(Frozen):
    """What a connection's verification does. Being late ourselves is no question of policy: the number is sent.

    `repair` shows our number again, `accept` leaves the channel's until ours changes next, `ask` leaves it and asks.
    """

    model_config = ConfigDict(extra="forbid")
    channel: Action = "repair"
    person: Action = "repair"
    share_percent: Annotated[int, Field(ge=1, le=100)] = 10
    every_minutes: Annotated[int, Field(ge=1, le=10_080)] = 60

    def action(self, author: Author) -> Action:
        return "repair" if author == "us" else self.channel if author == "channel" else self.person


class Seen(NamedTuple):
    """What a channel shows of a number, and all that is known around it.

    `sold` are units that the channel sold since the number was confirmed.
    """

    shown: int | None
    confirmed: int | None
    expected: int | None
    published: int | None
    is_altered: bool
    sold: int


def author_of(seen: Seen) -> Author:
    """Who made it another number than the confirmed one, as far as what is known tells."""
    if seen.shown is not None and seen.shown in (seen.confirmed, seen.expected, seen.published):
        return "us"  # our own number, whose news or whose sending is late
    if seen.shown is None or seen.confirmed is None or seen.is_altered:
        return "channel"
    if 0 < seen.confirmed - seen.shown <= seen.sold:
        return "channel"
    return "person"


def asked(connection_id: str, author: Author) -> Cause:
    """Numbers that wait for a person's word."""
    who = "the channel changed by itself" if author == "channel" else "somebody edited there"
    return Cause(
        kind="stock_drift",
        subject=f"{connection_id}:{author}",
        title=f"{connection_id} shows numbers that {who}",
        remedy=f"Look at them (tutti stock drift --connection {connection_id}), then decide: "
        f"tutti stock decide {connection_id} {author} repair, or accept.",
        blocks=False,
    )
