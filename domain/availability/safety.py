"""Safety stock: units that are not published, by SKU, channel and location, with profiles that begin and end."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple


class Safety(NamedTuple):
    """An entry; an empty item, channel or location means all of them, an empty profile always."""

    item_id: str
    channel: str
    location_id: str
    profile: str
    units: int

    def fits(self, item_id: str, channel: str, location_id: str) -> bool:
        return self.item_id in ("", item_id) and self.channel in ("", channel) and self.location_id in ("", location_id)

    @property
    def precision(self) -> tuple[bool, bool, bool]:
        """The SKU says most, then the channel, then the location."""
        return bool(self.item_id), bool(self.channel), bool(self.location_id)

    def __str__(self) -> str:
        scope = (("SKU", self.item_id), ("channel", self.channel), ("location", self.location_id))
        words = ", ".join(f"{kind} {value}" for kind, value in scope if value) or "everything"
        return f"{words} in {self.profile}" if self.profile else words


class Buffer(NamedTuple):
    """The safety stock that holds, and the entry that says so."""

    units: int
    source: str


class Profile(NamedTuple):
    """A time in which a profile counts: from `starts_at`, before `ends_at`."""

    name: str
    starts_at: datetime
    ends_at: datetime


def active(profiles: Iterable[Profile], now: datetime) -> frozenset[str]:
    """The profiles that count now."""
    return frozenset(profile.name for profile in profiles if profile.starts_at <= now < profile.ends_at)


def buffer(
    entries: Iterable[Safety], profiles: Collection[str], item_id: str, channel: str, location_id: str
) -> Buffer:
    """The most precise entry decides, apart for what always holds and for the active profiles; the larger counts."""
    fitting = [entry for entry in entries if entry.fits(item_id, channel, location_id)]
    always = [entry for entry in fitting if not entry.profile]
    timed = [entry for entry in fitting if entry.profile in profiles]
    chosen = [max(group, key=lambda entry: (entry.precision, entry.units)) for group in (always, timed) if group]
    best = max(chosen, key=lambda entry: entry.units, default=None)
    return Buffer(best.units, str(best)) if best else Buffer(0, "default")
