"""How well a launch kept together: skew, exposure, leaks."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.base import Frozen


class ChannelTimes(Frozen):
    """When a channel's listings went live: when the platform said so, and when a buyer could see the last of them."""

    connection_id: str
    first_at: datetime | None = None
    last_at: datetime | None = None
    seen_at: datetime | None = None
    accepts_first: bool = False


class Measures(Frozen):
    """`skew`: first live to last live over all channels. `platform_delay`: between accepted and visible, apart from it."""

    skew: timedelta | None = None
    platform_delay: timedelta | None = None
    first_live_at: datetime | None = None
    last_live_at: datetime | None = None


def measures(channels: Iterable[ChannelTimes]) -> Measures:
    """Of the channels that went live; a channel that says "accepted" counts from then, and its own delay by itself."""
    live = [one for one in channels if one.first_at is not None and one.last_at is not None]
    if not live:
        return Measures()
    first = min(one.first_at for one in live if one.first_at)
    last = max(one.last_at for one in live if one.last_at)
    delays = [one.seen_at - one.last_at for one in live if one.accepts_first and one.seen_at and one.last_at]
    return Measures(skew=last - first, platform_delay=max(delays, default=None), first_live_at=first, last_live_at=last)
