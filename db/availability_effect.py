"""What other rules or other safety stock would change: every number computed both ways, on the stock of the moment."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from db.availability import AT_ONCE, LISTINGS, Book, compute, open_book
from domain.availability.safety import Safety
from domain.base import Frozen

EXAMPLES = 20


class Change(Frozen):
    """A number that would be another one."""

    item_id: str
    connection_id: str
    place: str
    before: int | None
    after: int | None


class ChannelEffect(Frozen):
    """What would change on one channel; `sold_out` counts numbers that would become 0."""

    numbers: int
    changed: int
    units_before: int
    units_after: int
    sold_out: int


class Effect(NamedTuple):
    """By channel, and the largest changes first."""

    channels: dict[str, ChannelEffect]
    examples: tuple[Change, ...]


def compare(tx: Connection, current: Book, proposed: Book, item_id: str = "") -> Effect:
    """It only reads, so that it may take its time beside everything else; an empty item means all."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    changes: list[Change] = []
    for items in [[item_id]] if item_id else _parts(tx):
        for old, new in zip(compute(tx, current, items), compute(tx, proposed, items), strict=True):
            before, after, total = old.value, new.value, totals[new.row.connection_id]
            total[0] += 1
            total[1] += before != after
            total[2] += before or 0
            total[3] += after or 0
            total[4] += after == 0 and before != 0
            if before != after:
                row = new.row
                changes.append(Change(item_id=row.item_id, connection_id=row.connection_id, place=row.place, before=before, after=after))  # fmt: skip
        changes = sorted(changes, key=_size)[:EXAMPLES]
    channels = {
        name: ChannelEffect(**dict(zip(ChannelEffect.model_fields, total, strict=True)))
        for name, total in totals.items()
    }
    return Effect(channels, tuple(changes))


def of_safety_stock(tx: Connection, wish: Safety, now: datetime, *, is_gone: bool = False) -> Effect:
    """What this entry would change, or what would change without it; its profile is taken to be on."""
    current = open_book(tx, now)
    if wish.profile:
        current = replace(current, profiles=current.profiles | {wish.profile})
    return compare(tx, current, replace(current, wish=wish, is_wish_gone=is_gone), wish.item_id)


def _size(change: Change) -> tuple[int, str, str, str]:
    return -abs((change.after or 0) - (change.before or 0)), change.item_id, change.connection_id, change.place


def _parts(tx: Connection) -> Iterator[list[str]]:
    """The items of all listings, part by part."""
    after = ""
    while True:
        rest = select(LISTINGS.c.item_id).where(LISTINGS.c.item_id > after).distinct().order_by(LISTINGS.c.item_id)
        items = list(tx.execute(rest.limit(AT_ONCE)).scalars())
        if not items:
            return
        yield items
        after = items[-1]
