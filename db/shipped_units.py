"""Which units of a channel's lines left in a parcel."""

import sys
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from db.facts import EVENTS
from db.order_reading import ITEMS, LINES, SHIPMENTS
from domain.shares import units_of_line

_PARCELS = select(SHIPMENTS.c.id, SHIPMENTS.c.lines).where(SHIPMENTS.c.order_id == bindparam("order_id"))
_COMPONENTS = (
    select(LINES.c.line_id, LINES.c.external_id, LINES.c.item_id, ITEMS.c.components)
    .join(ITEMS, ITEMS.c.id == LINES.c.item_id)
    .where(LINES.c.order_id == bindparam("order_id"))
)
_SHIPPED = (
    select(EVENTS.c.seq, EVENTS.c.data)
    .where(EVENTS.c.order_id == bindparam("order_id"), EVENTS.c.kind.in_(("shipped", "collected")))
    .order_by(EVENTS.c.seq)
)


def units_of(tx: Connection, row: Row[Any], *, so_far: bool = False, all_parcels: bool = False) -> dict[str, int]:
    """Units of the channel's lines in a parcel (or in all up to it, or in all); a bundle counts when its last component leaves."""
    this = {"order_id": row.order_id}
    lines_of = {r.id: r.lines for r in tx.execute(_PARCELS, this)}
    arrived = _arrivals(tx, row.order_id, lines_of) if len(lines_of) > 1 else [row.id]
    mine = arrived.index(row.id)
    earlier = [lines_of[shipment] for shipment in arrived[:mine]]
    components = {
        r.line_id: (r.external_id, dict(r.components) if r.components else {r.item_id: 1})
        for r in tx.execute(_COMPONENTS, this)
    }
    units: dict[str, int] = {}
    parcels = list(lines_of.values()) if all_parcels else [*earlier, row.lines]
    if so_far or all_parcels:
        earlier = []
    for line_id in sorted({line for parcel in parcels for line, _, _ in parcel}):
        external_id, per_unit = components[line_id]
        now_complete = units_of_line(line_id, per_unit, parcels) - units_of_line(line_id, per_unit, earlier)
        if now_complete > 0:
            units[external_id] = now_complete
    return units


def up_to(tx: Connection, row: Row[Any]) -> list[str]:
    """The order's parcels that the hub heard of before this one, and this one, in that order."""
    parcels = [r.id for r in tx.execute(_PARCELS, {"order_id": row.order_id})]
    arrived = _arrivals(tx, row.order_id, parcels) if len(parcels) > 1 else parcels
    return arrived[: arrived.index(row.id) + 1]


def _arrivals(tx: Connection, order_id: str, parcels: Iterable[str]) -> list[str]:
    """The order's parcels as the hub heard of them: one that came later completes what came before."""
    heard: dict[str, int] = {}
    for fact in tx.execute(_SHIPPED, {"order_id": order_id}):
        heard.setdefault(f"{fact.data['fulfillment_order']}-{fact.data.get('shipment', '1')}", fact.seq)
    return sorted(parcels, key=lambda shipment: (heard.get(shipment, sys.maxsize), shipment))
