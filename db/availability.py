"""Computes what channels should show: reads stock, rules and safety stock, and lets the domain decide."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from db.flows import INVENTORY, Switch, running
from db.ledger import LEVELS
from db.order_reading import ITEMS
from db.restock import LOCATIONS
from db.tables.connections import LocationMappingRow
from db.tables.publication import AllocationRulesRow, CalendarProfileRow, SafetyStockRow, StockListingRow
from domain.availability import publishable
from domain.availability.publishable import Offer, Step
from domain.availability.rules import NO_RULES, AllocationRules, Effective, effective, has_own_word
from domain.availability.safety import Buffer, Profile, Safety, active, buffer
from domain.availability.stock import NOTHING, Balance, bundle_balance

LISTINGS = StockListingRow.__table__  # type: ignore[attr-defined]
ALLOCATION = AllocationRulesRow.__table__  # type: ignore[attr-defined]
SAFETY = SafetyStockRow.__table__  # type: ignore[attr-defined]
MAPPINGS = LocationMappingRow.__table__  # type: ignore[attr-defined]
PROFILES = CalendarProfileRow.__table__  # type: ignore[attr-defined]

AT_ONCE = 400
"""Items in one query."""

Balances = Mapping[str, Mapping[str, Balance]]
"""By item and location."""


class Computed(NamedTuple):
    """A listing, the number that it should show (None: nobody knows), and how it came about."""

    row: Row[Any]
    value: int | None
    policy: Effective
    steps: tuple[Step, ...]
    buffers: Mapping[str, Buffer]

    def why(self) -> tuple[str, ...]:
        """The derivation, in words."""
        return tuple(publishable.why(self.steps, self.policy, self.buffers))


@dataclass
class Book:
    """All that computing needs beside the items themselves, as it is now."""

    rules: AllocationRules
    profiles: frozenset[str]
    channels: Mapping[str, Switch]
    places: Mapping[tuple[str, str], tuple[str, ...]]
    """The locations behind a channel's place."""
    ships: Mapping[str, str]
    """The kinds of those locations that are enabled."""
    now: datetime
    wish: Safety | None = None
    """Safety stock that is only tried out: it stands in for the entry of its scope, or takes it away."""
    is_wish_gone: bool = False
    _policies: dict[str, Effective] = field(default_factory=dict)

    def policy(self, item_id: str, channel: str) -> Effective:
        market = self.channels[channel].market
        if has_own_word(self.rules, item_id, channel):
            return effective(self.rules, item_id, channel, market)
        if channel not in self._policies:
            self._policies[channel] = effective(self.rules, item_id, channel, market)
        return self._policies[channel]

    def safety(self, entries: Iterable[Safety]) -> list[Safety]:
        if self.wish is None:
            return list(entries)
        others = [entry for entry in entries if entry[:4] != self.wish[:4]]
        return others if self.is_wish_gone else [*others, self.wish]

    def locations(self, row: Row[Any]) -> tuple[str, ...]:
        return self.places.get((row.connection_id, row.place), ())


def open_book(tx: Connection, now: datetime, rules: AllocationRules | None = None) -> Book:
    """The state of rules, switches and places; other `rules` show what they would change."""
    channels = running(tx, INVENTORY)
    return Book(
        rules=rules or active_rules(tx),
        profiles=active((Profile(row.name, row.starts_at, row.ends_at) for row in tx.execute(select(PROFILES))), now),
        channels=channels,
        places=_places(tx, channels),
        ships={row.id: row.kind for row in tx.execute(select(LOCATIONS.c.id, LOCATIONS.c.kind).where(LOCATIONS.c.enabled))},
        now=now,
    )  # fmt: skip


def active_rules(tx: Connection) -> AllocationRules:
    row = tx.execute(select(ALLOCATION.c.version).where(ALLOCATION.c.active)).first()
    return NO_RULES if row is None else _parsed(tx, row.version)


def _parsed(tx: Connection, version: str) -> AllocationRules:
    """A version never changes, so that it is read once per process and database."""
    known = _read_before(str(tx.engine.url), version)
    if not known:
        body = tx.execute(select(ALLOCATION.c.body).where(ALLOCATION.c.version == version)).scalar_one()
        known.append(AllocationRules.model_validate(body))
    return known[0]


@lru_cache(maxsize=8)
def _read_before(_database: str, _version: str) -> list[AllocationRules]:
    return []


def _places(tx: Connection, channels: Mapping[str, Switch]) -> dict[tuple[str, str], tuple[str, ...]]:
    """A place is one location by its mapping, or several by the connection's pools (for a channel with one number)."""
    places: dict[tuple[str, str], tuple[str, ...]] = {
        (row.connection_id, row.external_id): (row.location_id,)
        for row in tx.execute(select(MAPPINGS).where(MAPPINGS.c.location_id != ""))
        if row.connection_id in channels
    }
    for switch in channels.values():
        for place, pool in (switch.settings.get("pools") or {}).items():
            places[switch.connection_id, place] = tuple(pool)
    return places


def compute(tx: Connection, book: Book, item_ids: Collection[str]) -> Iterator[Computed]:
    """Every listing of these items on the channels whose flow is not off."""
    ordered = sorted(item_ids)
    for start in range(0, len(ordered), AT_ONCE):
        yield from _compute(tx, book, ordered[start : start + AT_ONCE])


def _compute(tx: Connection, book: Book, items: list[str]) -> Iterator[Computed]:
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    wanted = select(LISTINGS).where(LISTINGS.c.item_id.in_(items), LISTINGS.c.connection_id.in_(book.channels))
    for row in tx.execute(wanted.order_by(*LISTINGS.primary_key)):
        rows[row.item_id].append(row)
    parts = {
        row.id: dict(row.components)
        for row in tx.execute(select(ITEMS.c.id, ITEMS.c.components).where(ITEMS.c.id.in_(items)))
        if row.components
    }
    balances = balances_of(tx, {*items, *(part for bundle in parts.values() for part in bundle)})
    entries = book.safety(
        Safety(*row)
        for row in tx.execute(
            select(SAFETY.c.item_id, SAFETY.c.connection_id, SAFETY.c.location_id, SAFETY.c.profile, SAFETY.c.units)
            .where(SAFETY.c.item_id.in_(["", *items]))
        )
    )  # fmt: skip
    for item_id, listed in rows.items():
        yield from _of_item(book, item_id, listed, _stock_of(item_id, parts.get(item_id), balances), entries)


def balances_of(tx: Connection, items: Iterable[str]) -> Balances:
    """Sellable stock; an item that was never booked anywhere is missing."""
    found: dict[str, dict[str, Balance]] = defaultdict(dict)
    wanted = sorted(items)
    for start in range(0, len(wanted), AT_ONCE):
        for row in tx.execute(
            select(LEVELS.c.item_id, LEVELS.c.location_id, LEVELS.c.on_hand, LEVELS.c.reserved)
            .where(LEVELS.c.item_id.in_(wanted[start : start + AT_ONCE]), LEVELS.c.condition == "sellable")
        ):  # fmt: skip
            found[row.item_id][row.location_id] = Balance(row.on_hand, row.reserved)
    return found


def _stock_of(item_id: str, parts: Mapping[str, int] | None, balances: Balances) -> Mapping[str, Balance] | None:
    """By location; None when nothing is known of the item, or of a component."""
    if parts is None:
        return balances.get(item_id)
    if not all(part in balances for part in parts):
        return None
    everywhere = {location for part in parts for location in balances[part]}
    return {
        location: bundle_balance(parts, {part: balances[part].get(location, NOTHING) for part in parts})
        for location in everywhere
    }


def _of_item(
    book: Book, item_id: str, rows: list[Row[Any]], stock: Mapping[str, Balance] | None, entries: list[Safety]
) -> Iterator[Computed]:
    offers: dict[str, dict[str, Offer]] = defaultdict(dict)
    mine = [entry for entry in entries if entry.item_id in ("", item_id)]
    for row in rows:
        for location in book.locations(row):
            hold = buffer(mine, book.profiles, item_id, row.connection_id, location)
            offers[location][row.connection_id] = Offer(book.policy(item_id, row.connection_id), hold)
    steps = {
        location: publishable.at_location(
            location, (stock or {}).get(location, NOTHING), channels,
            is_store=book.ships[location] == "store", now=book.now,
        )
        for location, channels in offers.items() if location in book.ships
    }  # fmt: skip
    for row in rows:
        policy = book.policy(item_id, row.connection_id)
        behind = book.locations(row)
        taken = tuple(steps[location][row.connection_id] for location in behind if location in steps)
        buffers = {location: offers[location][row.connection_id].buffer for location in behind}
        yield Computed(row, _value(book, row, policy, stock, taken), policy, taken, buffers)


def _value(
    book: Book, row: Row[Any], policy: Effective, stock: Mapping[str, Balance] | None, steps: tuple[Step, ...]
) -> int | None:
    if not book.locations(row):
        return None  # a place that is not ours: whatever it shows is somebody else's
    if stock is None:
        return publishable.when_unknown(policy, row.expected_at or book.now, book.now)
    return publishable.shown(steps, policy)
