"""Follows the marks that stock movements leave: computes the affected listings anew and puts them in the dirty set."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, case, delete, literal, or_, select, update

from db.availability import LISTINGS, Book, Computed, compute, open_book
from db.flows import INVENTORY
from db.ledger import LEVELS
from db.recompute import PARTS, RECOMPUTES
from db.syncs import wake

AT_ONCE = 300
"""Levels, or items of a recomputation, in one transaction: other writers wait for it."""
LOW = 5
"""From here on down a number is urgent: the next order may be one too many."""


class Marked(NamedTuple):
    """What one pass did: levels and recomputed items looked at, and listings that must be pushed."""

    seen: int
    due: int


def mark(tx: Connection, now: datetime) -> Marked:
    """One pass. A movement that commits meanwhile keeps its level marked: only the version read is ticked off."""
    book = open_book(tx, now)
    if not book.channels:
        return Marked(0, 0)
    levels = tx.execute(
        select(LEVELS.c.item_id, LEVELS.c.location_id, LEVELS.c.condition, LEVELS.c.version)
        .where(LEVELS.c.version > LEVELS.c.seen)
        .order_by(LEVELS.c.item_id)
        .limit(AT_ONCE)
    ).all()
    moved: dict[str, set[str]] = defaultdict(set)
    for level in levels:
        moved[level.item_id].add(level.location_id)
    for item, places in _bundles_of(tx, moved).items():
        moved[item] |= places
    due = _store(tx, (c for c in compute(tx, book, moved) if moved[c.row.item_id] & set(book.locations(c.row))), book)
    if levels:
        tx.execute(
            update(LEVELS)
            .where(
                LEVELS.c.item_id == bindparam("i"), LEVELS.c.location_id == bindparam("l"),
                LEVELS.c.condition == bindparam("c"),
            )
            .values(seen=bindparam("v")),
            [{"i": r.item_id, "l": r.location_id, "c": r.condition, "v": r.version} for r in levels],
        )  # fmt: skip
    anew, more = (0, 0) if len(levels) == AT_ONCE else _recompute(tx, book)
    return Marked(len(levels) + anew, due + more)


def has_moved(tx: Connection) -> bool:
    """Whether a movement is not yet in the numbers."""
    return tx.execute(select(LEVELS.c.item_id).where(LEVELS.c.version > LEVELS.c.seen).limit(1)).first() is not None


def _bundles_of(tx: Connection, moved: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Bundles with a component that moved, and where."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in tx.execute(select(PARTS).where(PARTS.c.item_id.in_(moved))):
        found[row.bundle_id] |= set(moved[row.item_id])
    return found


def _recompute(tx: Connection, book: Book) -> tuple[int, int]:
    """The next part of the oldest recomputation."""
    job = tx.execute(select(RECOMPUTES).order_by(RECOMPUTES.c.id).limit(1)).first()
    if job is None:
        return 0, 0
    if job.item_id:
        items = [job.item_id]
    else:
        rest = select(LISTINGS.c.item_id).where(LISTINGS.c.item_id > job.after_item).distinct()
        items = list(tx.execute(rest.order_by(LISTINGS.c.item_id).limit(AT_ONCE)).scalars())
    due = _store(tx, compute(tx, book, items), book)
    if job.item_id or len(items) < AT_ONCE:
        tx.execute(delete(RECOMPUTES).where(RECOMPUTES.c.id == job.id))
    else:
        tx.execute(update(RECOMPUTES).where(RECOMPUTES.c.id == job.id).values(after_item=items[-1]))
    return max(1, len(items)), due


def _store(tx: Connection, computed: Iterable[Computed], book: Book) -> int:
    """Write the numbers that changed; returns how many of them wait to be pushed, and wakes their connections."""
    changed = [c for c in computed if c.value != c.row.expected]
    if not changed:
        return 0
    tx.execute(_EXPECT, [_expectation(c, book.now) for c in changed])
    awaited = [
        c for c in changed if c.value != c.row.confirmed and book.channels[c.row.connection_id].writes(c.row.bucket)
    ]
    wake(tx, INVENTORY, {c.row.connection_id for c in awaited})
    return len(awaited)


def _expectation(c: Computed, now: datetime) -> dict[str, Any]:
    less = c.value is not None and c.row.confirmed is not None and c.value < c.row.confirmed
    low = c.value is not None and c.value <= LOW
    return {
        "k_connection": c.row.connection_id, "k_item": c.row.item_external_id, "k_place": c.row.place,
        "n_expected": c.value, "n_at": now, "n_urgency": (0 if low else 1) if less or c.row.confirmed is None else 2,
    }  # fmt: skip


def key_of_listing() -> Any:
    """The condition that names one listing by the parameters k_connection, k_item and k_place."""
    return and_(
        LISTINGS.c.connection_id == bindparam("k_connection"),
        LISTINGS.c.item_external_id == bindparam("k_item"),
        LISTINGS.c.place == bindparam("k_place"),
    )


_MORE = bindparam("n_urgency", type_=LISTINGS.c.urgency.type) == literal(2)
_NEW = bindparam("n_expected", type_=LISTINGS.c.expected.type)
_EXPECT = (
    update(LISTINGS)
    .where(key_of_listing())
    .values(
        expected=_NEW,
        expected_at=bindparam("n_at"),
        version=LISTINGS.c.version + 1,
        urgency=bindparam("n_urgency"),
        state=case(
            (LISTINGS.c.state == "sent", "sent"),
            (or_(_NEW.is_(None), LISTINGS.c.confirmed == _NEW), "settled"),
            else_="due",
        ),
        # what was refused, or must not be raised yet, keeps its time; anything less than shown goes at once.
        # Once the ledger has come down to what the channel shows, the sale behind it is known: nothing is waited for.
        due_at=case(
            (and_(LISTINGS.c.due_at.is_not(None), LISTINGS.c.error_code != ""), LISTINGS.c.due_at),
            (LISTINGS.c.confirmed == _NEW, None),
            (and_(LISTINGS.c.due_at.is_not(None), _MORE, LISTINGS.c.confirmed_by == "channel"), LISTINGS.c.due_at),
            else_=bindparam("n_at"),
        ),
    )
)
"""One statement decides by what is in the row at its moment, so that a push that ends meanwhile is not overrun."""
