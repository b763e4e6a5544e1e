"""Stock that a launch holds until its moment: promised in the ledger like an order's, and shown on what it stages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from db import connections, items, locations
from db.catalog import load_many
from db.launch_queries import products_of
from db.launch_reading import row_of
from db.ledger import LEVELS, RESERVATIONS, Units, nth_movement, release, reserve
from db.restock import LOCATIONS, allocate
from domain.errors import DomainError

Parts = Mapping[str, int]
"""Units by item that one unit of a SKU is made of."""


def check_skus(tx: Connection, products: Iterable[str], skus: Iterable[str]) -> None:
    """A launch reserves what it launches and nothing else."""
    known = {variant.sku for product in load_many(tx, products).values() for variant in product.variants}
    if strangers := sorted(set(skus) - known):
        text = f"reserve: {strangers[0]} is no SKU of the launch's products; correct it or leave it out"
        raise DomainError("unknown_sku", text)


def hold(tx: Connection, launch_id: str, now: datetime) -> None:
    """Promise what is missing, as far as there is free stock; more is taken when the launch is asked to look again."""
    row = row_of(tx, launch_id)
    if row.mode != "real":
        return
    have = held(tx, launch_id)
    parts = _parts(tx, launch_id, row.reserve)
    for sku, wanted in row.reserve.items():
        missing = wanted - have.get(sku, 0)
        for location_id, sets in _free(tx, parts[sku]):
            if (taken := min(missing, sets)) > 0:
                units = [Units(sku, item, location_id, taken * each) for item, each in parts[sku].items()]
                reserve(
                    tx,
                    _holder(launch_id),
                    f"{_holder(launch_id)}:{nth_movement(tx, _holder(launch_id))}",
                    units,
                    at=now,
                )
                missing -= taken


def held(tx: Connection, launch_id: str) -> dict[str, int]:
    """Units by SKU that are promised to the launch; of one that is only tried, what would be."""
    row = row_of(tx, launch_id)
    parts = _parts(tx, launch_id, row.reserve)
    if row.mode != "real":
        free = {sku: sum(sets for _, sets in _free(tx, parts[sku])) for sku in row.reserve}
        return {sku: min(wanted, free[sku]) for sku, wanted in row.reserve.items()}
    return {sku: sum(at.values()) for sku, at in _by_location(tx, launch_id, parts).items()}


def by_place(tx: Connection, launch_id: str, connection_id: str) -> dict[str, dict[str, int]]:
    """Units by SKU and the channel's own place, of what is held."""
    row = row_of(tx, launch_id)
    if not row.reserve:
        return {}
    places = {place: (location,) for place, location in locations.mappings(tx, connection_id).items() if location}
    places |= connections.load(tx, connection_id).settings.get("pools") or {}
    shown: dict[str, dict[str, int]] = {}
    for sku, at in _by_location(tx, launch_id, _parts(tx, launch_id, row.reserve)).items():
        shown[sku] = {place: sum(at.get(one, 0) for one in behind) for place, behind in places.items()}
    return shown


def let_go(tx: Connection, launch_id: str, now: datetime) -> None:
    """Give back all that is held: at the moment it is for buyers, and after a cancel for everybody; repeatable."""
    mine = select(RESERVATIONS.c.holder).where(RESERVATIONS.c.order_id == _holder(launch_id)).distinct()
    freed = {
        (unit.item_id, unit.location_id)
        for holder in tx.execute(mine).scalars().all()
        for unit in release(tx, _holder(launch_id), holder, at=now)
    }
    for item_id, location_id in sorted(freed):
        allocate(tx, item_id, location_id, at=now)


def _holder(launch_id: str) -> str:
    """Whose the promise is, among orders."""
    return f"launch:{launch_id}"


def _parts(tx: Connection, launch_id: str, skus: Iterable[str]) -> dict[str, Parts]:
    """A bundle is made of its components."""
    wanted = set(skus)
    if not wanted:
        return {}
    products = load_many(tx, products_of(tx, launch_id)).values()
    item_of = {v.sku: v.item_id for product in products for v in product.variants if v.sku in wanted and v.item_id}
    found: dict[str, Parts] = {}
    for sku, item_id in item_of.items():
        components = items.load(tx, item_id).components
        found[sku] = {part.item_id: part.quantity for part in components} if components else {item_id: 1}
    return {sku: found.get(sku, {}) for sku in wanted}


def _free(tx: Connection, parts: Parts) -> list[tuple[str, int]]:
    """Whole sets that are free, by location, most first."""
    free: dict[str, dict[str, int]] = defaultdict(dict)
    rows = select(LEVELS.c.location_id, LEVELS.c.item_id, LEVELS.c.on_hand - LEVELS.c.reserved).where(
        LEVELS.c.item_id.in_(list(parts)), LEVELS.c.condition == "sellable", LOCATIONS.c.enabled
    )
    for location_id, item_id, units in tx.execute(rows.join(LOCATIONS, LOCATIONS.c.id == LEVELS.c.location_id)):
        free[location_id][item_id] = max(0, units)
    sets = {
        location_id: min(at.get(item, 0) // each for item, each in parts.items()) for location_id, at in free.items()
    }
    return sorted(sets.items(), key=lambda pair: (-pair[1], pair[0]))


def _by_location(tx: Connection, launch_id: str, parts: Mapping[str, Parts]) -> dict[str, dict[str, int]]:
    """Whole units that are held, by SKU and location."""
    r = RESERVATIONS.c
    rows = select(r.line_id, r.location_id, r.item_id, func.sum(r.quantity)).where(r.order_id == _holder(launch_id))
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for sku, location_id, item_id, units in tx.execute(rows.group_by(r.line_id, r.location_id, r.item_id)):
        found[sku, location_id][item_id] = int(units)
    whole: dict[str, dict[str, int]] = defaultdict(dict)
    for (sku, location_id), units in found.items():
        whole[sku][location_id] = min(units.get(item, 0) // each for item, each in parts[sku].items())
    return whole
