"""The number that a channel shows: from the balances of the locations behind its place, with every step on the way."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.availability.allocate import allocate
from domain.availability.rules import Effective
from domain.availability.safety import Buffer
from domain.availability.stock import Balance


class Offer(NamedTuple):
    """A channel that offers the item at a location, the policy that holds for it there, and its safety stock."""

    policy: Effective
    buffer: Buffer


class Step(NamedTuple):
    """What one location gives one channel."""

    location_id: str
    on_hand: int
    reserved: int
    kept: int
    allocated: int
    buffer: int
    publishable: int


def at_location(
    location_id: str, balance: Balance, offers: Mapping[str, Offer], *, is_store: bool, now: datetime
) -> dict[str, Step]:
    """What each channel may show of one item at one location."""
    kept = max((offer.policy.keep_in_store for offer in offers.values()), default=0) if is_store else 0
    free = max(0, balance.atp - kept)
    allocated = allocate(free, {channel: offer.policy.way for channel, offer in offers.items()})
    return {
        channel: _step(location_id, balance, kept, min(allocated[channel], _unlaunched(offer.policy, channel, free, now)), offer)
        for channel, offer in offers.items()
    }  # fmt: skip


def _unlaunched(policy: Effective, channel: str, free: int, now: datetime) -> int:
    """What a channel that is not part of a launch may see of stock that is partly reserved for it."""
    launch = policy.launch
    if launch is None or now >= launch.until or channel in launch.channels:
        return free
    return max(0, free - launch.units)


def _step(location_id: str, balance: Balance, kept: int, allocated: int, offer: Offer) -> Step:
    publishable = max(0, allocated - offer.buffer.units)
    return Step(location_id, balance.on_hand, balance.reserved, kept, allocated, offer.buffer.units, publishable)


def shown(steps: Sequence[Step], policy: Effective) -> int:
    """The number of a place: what all its locations give, within the cap."""
    total = sum(step.publishable for step in steps)
    return total if policy.show_at_most is None else min(total, policy.show_at_most)


def when_unknown(policy: Effective, since: datetime, now: datetime) -> int | None:
    """Without knowledge nothing is published (None); after the limit the floor is."""
    limit = since + timedelta(hours=policy.unknown_after_hours)
    return policy.floor if now >= limit else None


def why(steps: Sequence[Step], policy: Effective, buffers: Mapping[str, Buffer]) -> Iterator[str]:
    """The number's derivation, a sentence per step, with the level of the rules that each value comes from."""
    for step in steps:
        there = f"{step.location_id}: {step.on_hand} on hand, {step.reserved} reserved"
        yield f"{there}: {max(0, step.on_hand - step.reserved)} can be promised"
        if step.kept:
            yield f"{step.location_id}: {step.kept} kept for the store ({policy.source('keep_in_store')})"
        yield f"{step.location_id}: {step.allocated} allocated as {policy.way.kind} ({policy.source('way')})"
        if step.buffer:
            yield f"{step.location_id}: {step.buffer} safety stock ({buffers[step.location_id].source})"
    if policy.show_at_most is not None:
        yield f"at most {policy.show_at_most} are shown ({policy.source('show_at_most')})"
