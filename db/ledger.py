"""The stock ledger: every movement is one appended row with a unique key, and moves a balance in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, select, update

from db.tables.stock import InventoryLevelRow, ReservationRow, StockMovementRow
from db.upsert import dialect_insert, insert_once

LEVELS = InventoryLevelRow.__table__  # type: ignore[attr-defined]
MOVEMENTS = StockMovementRow.__table__  # type: ignore[attr-defined]
RESERVATIONS = ReservationRow.__table__  # type: ignore[attr-defined]

WAITING = "waiting"
"""The holder of stock that is allocated to a line which no fulfillment order covers yet."""

Kind = Literal["receive", "count", "adjust", "sale", "transfer", "reserve", "release", "ship", "return"]


class Units(NamedTuple):
    """Units of one item at one location for one order line."""

    line_id: str
    item_id: str
    location_id: str
    quantity: int


class Difference(NamedTuple):
    """A balance that does not equal the sum of its movements or reservations."""

    item_id: str
    location_id: str
    condition: str
    field: str
    balance: int
    ledger: int


_MOVE = (
    update(LEVELS)
    .where(*(LEVELS.c[name] == bindparam(f"of_{name}") for name in ("item_id", "location_id", "condition")))
    .values(
        on_hand=LEVELS.c.on_hand + bindparam("plus"),
        reserved=LEVELS.c.reserved + bindparam("promised"),
        version=LEVELS.c.version + 1,
    )
)
_NEW_LEVEL = {"on_hand": 0, "reserved": 0, "in_transit": 0, "incoming": 0, "version": 0, "seen": 0}
_TAKE = (
    update(LEVELS)
    .where(
        LEVELS.c.item_id == bindparam("item"),
        LEVELS.c.location_id == bindparam("location"),
        LEVELS.c.condition == "sellable",
        LEVELS.c.on_hand - LEVELS.c.reserved >= bindparam("units"),
    )
    .values(reserved=LEVELS.c.reserved + bindparam("units"), version=LEVELS.c.version + 1)
)
_HELD = (
    select(RESERVATIONS)
    .where(
        RESERVATIONS.c.order_id == bindparam("order_id"),
        RESERVATIONS.c.holder == bindparam("holder"),
        RESERVATIONS.c.quantity > 0,
    )
    .order_by("item_id", "location_id", "line_id")
    .with_for_update()
)
_SAME_UNITS = and_(
    *(
        RESERVATIONS.c[name] == bindparam(f"of_{name}")
        for name in ("order_id", "holder", "line_id", "item_id", "location_id")
    )
)
_PROMISED = select(RESERVATIONS.c.quantity).where(_SAME_UNITS).with_for_update()
_USE = update(RESERVATIONS).where(_SAME_UNITS).values(quantity=RESERVATIONS.c.quantity - bindparam("used"))


def move(
    tx: Connection,
    key: str,
    kind: Kind,
    item_id: str,
    location_id: str,
    *,
    at: datetime,
    on_hand: int = 0,
    reserved: int = 0,
    condition: str = "sellable",
    order_id: str | None = None,
) -> bool:
    """Append one movement and move the balance; False, and nothing moved, if the key is known already.

    Records facts: no limit is checked here, so that an impossible fact from outside is kept too.
    """
    row = {
        "key": key, "kind": kind, "item_id": item_id, "location_id": location_id, "condition": condition,
        "on_hand": on_hand, "reserved": reserved, "order_id": order_id, "at": at,
    }  # fmt: skip
    if not insert_once(tx, MOVEMENTS, [row]):
        return False
    place = {"item_id": item_id, "location_id": location_id, "condition": condition}
    moving = {f"of_{name}": value for name, value in place.items()} | {"plus": on_hand, "promised": reserved}
    if not tx.execute(_MOVE, moving).rowcount:
        insert_once(tx, LEVELS, [place | _NEW_LEVEL])
        tx.execute(_MOVE, moving)
    return True


def reserve(tx: Connection, order_id: str, holder: str, units: Iterable[Units], *, at: datetime) -> bool:
    """Promise stock, all or nothing: False means that somebody was quicker, and the caller must roll back.

    The order may first use what is allocated to its own waiting lines, so release those before (`release`).
    Demand is summed per item × location and rows are taken in a fixed order: no deadlock, no oversell by two lines.
    """
    wanted = sorted(units)
    for (item_id, location_id), quantity in _summed(wanted).items():
        if not tx.execute(_TAKE, {"item": item_id, "location": location_id, "units": quantity}).rowcount:
            return False
    _book(tx, order_id, holder, wanted, at=at)
    return True


def _summed(units: Sequence[Units]) -> dict[tuple[str, str], int]:
    total: dict[tuple[str, str], int] = {}
    for unit in units:
        place = (unit.item_id, unit.location_id)
        total[place] = total.get(place, 0) + unit.quantity
    return dict(sorted(total.items()))


def _book(tx: Connection, order_id: str, holder: str, units: Sequence[Units], *, at: datetime) -> None:
    """The rows behind a reserved balance: one movement and one reservation per unit of demand.

    A fulfillment order reserves once; a waiting line as often as stock comes in.
    """
    prefix = f"reserve:{holder}" if holder != WAITING else f"reserve:{order_id}:{nth_movement(tx, order_id)}"
    tx.execute(
        MOVEMENTS.insert(),
        [
            {
                "key": f"{prefix}:{u.line_id}:{u.item_id}:{u.location_id}",
                "kind": "reserve", "item_id": u.item_id, "location_id": u.location_id, "condition": "sellable",
                "on_hand": 0, "reserved": u.quantity, "order_id": order_id, "at": at,
            }
            for u in units
        ],
    )  # fmt: skip
    tx.execute(_booking(tx.dialect.name), [{"order_id": order_id, "holder": holder, **u._asdict()} for u in units])


@cache
def _booking(dialect: str) -> Any:
    booking = dialect_insert(RESERVATIONS, dialect)
    return booking.on_conflict_do_update(
        index_elements=list(RESERVATIONS.primary_key),
        set_={"quantity": RESERVATIONS.c.quantity + booking.excluded.quantity},
    )


def nth_movement(tx: Connection, order_id: str) -> int:
    """The number of the order's next movement: what makes the key of one that may happen again."""
    return int(tx.execute(select(func.count()).where(MOVEMENTS.c.order_id == order_id)).scalar_one())


def release(
    tx: Connection, order_id: str, holder: str, *, at: datetime, line_id: str | None = None
) -> tuple[Units, ...]:
    """Give back what a holder still has promised; repeatable: nothing left to release is success.

    Returns what was freed, so that the caller can allocate it to waiting lines.
    """
    held = [
        Units(r.line_id, r.item_id, r.location_id, r.quantity)
        for r in tx.execute(_HELD, {"order_id": order_id, "holder": holder})
        if line_id in {None, r.line_id}
    ]
    if not held:
        return ()
    nth = nth_movement(tx, order_id)
    for unit in held:
        key = f"release:{order_id}:{nth}:{holder}:{unit.line_id}:{unit.item_id}:{unit.location_id}"
        move(tx, key, "release", unit.item_id, unit.location_id, reserved=-unit.quantity, order_id=order_id, at=at)
    mine = and_(RESERVATIONS.c.order_id == order_id, RESERVATIONS.c.holder == holder, RESERVATIONS.c.quantity > 0)
    tx.execute(RESERVATIONS.delete().where(mine if line_id is None else and_(mine, RESERVATIONS.c.line_id == line_id)))
    return tuple(held)


def consume(tx: Connection, order_id: str, holder: str, shipment_id: str, unit: Units, *, at: datetime) -> int:
    """Units left the location: they use up their own reservation (R12); returns how many had none.

    A parcel that should not exist still takes its units from `on_hand`: stock that left has left.
    """
    mine = {
        "of_order_id": order_id, "of_holder": holder,
        "of_line_id": unit.line_id, "of_item_id": unit.item_id, "of_location_id": unit.location_id,
    }  # fmt: skip
    held = tx.execute(_PROMISED, mine).scalar() or 0
    used = min(held, unit.quantity)
    moved = move(
        tx, f"ship:{shipment_id}:{unit.line_id}:{unit.item_id}", "ship", unit.item_id, unit.location_id,
        on_hand=-unit.quantity, reserved=-used, order_id=order_id, at=at,
    )  # fmt: skip
    if not moved:
        return 0
    if used:
        tx.execute(_USE, mine | {"used": used})
    return unit.quantity - used


def verify(tx: Connection) -> tuple[Difference, ...]:
    """Recompute every balance from the movements, and every reserved sum from the reservations."""
    sums = (
        select(
            MOVEMENTS.c.item_id,
            MOVEMENTS.c.location_id,
            MOVEMENTS.c.condition,
            func.sum(MOVEMENTS.c.on_hand).label("on_hand"),
            func.sum(MOVEMENTS.c.reserved).label("reserved"),
        )
        .group_by(MOVEMENTS.c.item_id, MOVEMENTS.c.location_id, MOVEMENTS.c.condition)
        .subquery()
    )
    places = (LEVELS.c.item_id, LEVELS.c.location_id, LEVELS.c.condition)
    same = and_(*(column == sums.c[column.name] for column in places))
    rows = tx.execute(
        select(
            *places, LEVELS.c.on_hand, LEVELS.c.reserved,
            func.coalesce(sums.c.on_hand, 0).label("sum_on_hand"), func.coalesce(sums.c.reserved, 0).label("sum_reserved"),
        ).select_from(LEVELS.outerjoin(sums, same))
    ).all()  # fmt: skip
    promised = {
        (r.item_id, r.location_id): int(r.quantity)
        for r in tx.execute(
            select(RESERVATIONS.c.item_id, RESERVATIONS.c.location_id, func.sum(RESERVATIONS.c.quantity).label("quantity"))
            .group_by(RESERVATIONS.c.item_id, RESERVATIONS.c.location_id)
        )
    }  # fmt: skip
    found = []
    for row in rows:
        place = (row.item_id, row.location_id, row.condition)
        held = promised.get(place[:2], 0) if row.condition == "sellable" else 0
        for field, balance, ledger in (
            ("on_hand", row.on_hand, int(row.sum_on_hand)),
            ("reserved", row.reserved, int(row.sum_reserved)),
            ("reserved by reservations", row.reserved, held),
        ):
            if balance != ledger:
                found.append(Difference(*place, field, balance, ledger))
    return tuple(found)
