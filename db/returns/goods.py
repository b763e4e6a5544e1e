"""The ledger of returned goods: facts as they come, decisions within their limits."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from db.ledger import MOVEMENTS, move
from db.restock import receive as restock
from db.returns.reading import components
from db.returns.rows import GOODS, RETURN_LINES, change, lines_of, tell
from db.rows import append, find, total
from db.upsert import insert_once
from domain.errors import DomainError
from domain.returns.disposition import CONDITIONS, Disposition, usual
from domain.returns.policy import Grade

Decided = Literal["authorized", "released", "graded", "restocked", "disposed"]


def note(tx: Connection, row: Row[Any], kind: Literal["announced", "received"], key: str, **entry: Any) -> bool:
    """Append a fact, whatever it says; False if it is known already."""
    values = {"key": f"{row.id}:{key}", "return_id": row.id, "order_id": row.order_id, "kind": kind, "scope": ""}
    blank = {"line_id": "", "item_id": "", "number": 0, "before": 0, "within": None, "grade": "", "disposition": ""}
    return bool(insert_once(tx, GOODS, [{**blank, "location_id": "", "by": "", **values, **entry}]))


def decide(
    tx: Connection, row: Row[Any], kind: Decided, key: str, scope: str, quantity: int, within: int, **entry: Any
) -> None:
    """Append a decision of ours within its limit; `too_many` beyond it. Call it under the order's lock."""
    mine = find(tx, GOODS, scope=scope, kind=kind)
    number, before = len(mine), sum(entry.quantity for entry in mine)
    if quantity <= 0 or before + quantity > within:
        raise DomainError("too_many", f"{kind}: {max(0, within - before)} unit(s) are left, not {quantity}")
    blank = {"line_id": "", "item_id": "", "grade": "", "disposition": "", "location_id": "", "by": ""}
    values = {
        "key": f"{row.id}:{key}", "return_id": row.id, "order_id": row.order_id, "kind": kind, "scope": scope,
        "quantity": quantity, "number": number, "before": before, "within": within,
    }  # fmt: skip
    append(tx, GOODS, **{**blank, **values, **entry})


def count(tx: Connection, kind: str, **where: str) -> int:
    """Units of a kind, by any columns."""
    return total(tx, GOODS.c.quantity, kind=kind, **where)


def line_scope(order_id: str, line_id: str) -> str:
    """What authorizations are counted over: all returns of an order's line."""
    return f"{order_id}/{line_id}"


def authorize(
    tx: Connection, row: Row[Any], line_id: str, quantity: int, shipped: int, *, by: str, now: datetime
) -> None:
    """Let units of a line come back: never more than have shipped."""
    scope = line_scope(row.order_id, line_id)
    released = count(tx, "released", scope=scope)
    key = f"authorized:{line_id}:{count(tx, 'authorized', return_id=row.id, line_id=line_id)}:{released}"
    decide(tx, row, "authorized", key, scope, quantity, shipped + released, line_id=line_id, by=by, at=now)
    mine = (RETURN_LINES.c.return_id == row.id, RETURN_LINES.c.line_id == line_id)
    tx.execute(RETURN_LINES.update().where(*mine).values(authorized=RETURN_LINES.c.authorized + quantity))


def release(tx: Connection, row: Row[Any], *, by: str, now: datetime, keep_paid: bool = False) -> None:
    """What has not come back is not expected any more, so that it may be announced again. Repeatable."""
    for line in lines_of(tx, row.id):
        scope = line_scope(row.order_id, line.line_id)
        here = _units_here(tx, row, line.line_id)
        quantity = line.authorized - max(here, line.paid if keep_paid else 0)
        if quantity <= 0:
            continue
        key = f"released:{line.line_id}:{count(tx, 'released', return_id=row.id, line_id=line.line_id)}"
        within = count(tx, "authorized", scope=scope)
        decide(tx, row, "released", key, scope, quantity, within, line_id=line.line_id, by=by, at=now)
        mine = (RETURN_LINES.c.return_id == row.id, RETURN_LINES.c.line_id == line.line_id)
        tx.execute(RETURN_LINES.update().where(*mine).values(authorized=RETURN_LINES.c.authorized - quantity))


def _units_here(tx: Connection, row: Row[Any], line_id: str) -> int:
    per_unit = components(tx, row.order_id).get(line_id, {})
    received = {item: count(tx, "received", return_id=row.id, line_id=line_id, item_id=item) for item in per_unit}
    return min((received[item] // n for item, n in per_unit.items()), default=0)


def receive(
    tx: Connection, row: Row[Any], key: str, item_id: str, quantity: int, location_id: str, *, by: str, now: datetime
) -> bool:
    """Units came in: on the first line of the return that they fit, else on none. The same key is one receipt."""
    is_new = note(
        tx, row, "received", f"received:{key}", line_id=_line_for(tx, row, item_id, quantity), item_id=item_id,
        quantity=quantity, location_id=location_id, by=by, at=now,
    )  # fmt: skip
    if is_new:
        change(tx, row.id, received_at=row.received_at or now, location_id=location_id, expired=False)
        data = {"item": item_id, "quantity": quantity, "location": location_id}
        tell(tx, row, "received", f"received:{key}", now=now, by=by, data=data)
    return is_new


def _line_for(tx: Connection, row: Row[Any], item_id: str, quantity: int) -> str:
    """A line that still misses them; else one that has such an item: more came than was announced."""
    per_unit = components(tx, row.order_id)
    fitting = [line for line in lines_of(tx, row.id) if item_id in per_unit.get(line.line_id, {})]
    for line in fitting:
        wanted = line.authorized * per_unit[line.line_id][item_id]
        if count(tx, "received", return_id=row.id, line_id=line.line_id, item_id=item_id) + quantity <= wanted:
            return str(line.line_id)
    return str(fitting[-1].line_id) if fitting else ""


def grade(
    tx: Connection, row: Row[Any], key: str, line_id: str, item_id: str, quantity: int, grade: Grade, *,
    disposition: Disposition | None, to_location: str, by: str, now: datetime,
) -> Disposition:  # fmt: skip
    """Say what state units are in and what becomes of them; stock moves with it. The same key counts once."""
    if known := find(tx, GOODS, key=f"{row.id}:graded:{key}"):
        return known[0].disposition  # type: ignore[no-any-return]
    here = {"return_id": row.id, "line_id": line_id, "item_id": item_id}
    received = find(tx, GOODS, "id", kind="received", **here)
    if not received:
        raise DomainError("nothing_received", f"{row.id}: no {item_id} of line {line_id or '(none)'} was received yet")
    reasons = {line.line_id: line.reason for line in lines_of(tx, row.id)}
    done = disposition or usual(grade, reason=reasons.get(line_id, ""))
    scope = f"{row.id}/{line_id}/{item_id}"
    place, units = received[-1].location_id, sum(entry.quantity for entry in received)
    common: dict[str, Any] = {
        "line_id": line_id,
        "item_id": item_id,
        "grade": grade,
        "disposition": done,
        "by": by,
        "at": now,
    }
    decide(tx, row, "graded", f"graded:{key}", scope, quantity, units, location_id=place, **common)
    kind, other = ("restocked", "disposed") if done in {"restock", "transfer"} else ("disposed", "restocked")
    within = count(tx, "graded", **here) - count(tx, other, **here)
    decide(tx, row, kind, f"{kind}:{key}", scope, quantity, within, location_id=to_location or place, **common)  # type: ignore[arg-type]
    _book(tx, row, key, done, item_id, quantity, to_location or place, now)
    data = {"item": item_id, "line": line_id, "quantity": quantity, "grade": grade, "disposition": done}
    tell(tx, row, "graded", f"graded:{key}", now=now, by=by, data=data)
    return done


def _book(
    tx: Connection,
    row: Row[Any],
    key: str,
    done: Disposition,
    item_id: str,
    quantity: int,
    location_id: str,
    now: datetime,
) -> None:
    """Units that can be sold wake orders that wait for them."""
    condition, movement = CONDITIONS[done], f"return:{row.id}:{key}"
    if condition == "sellable":
        restock(tx, movement, item_id, location_id, quantity, at=now, kind="return")
    elif condition is not None:
        move(
            tx,
            movement,
            "return",
            item_id,
            location_id,
            on_hand=quantity,
            condition=condition,
            order_id=row.order_id,
            at=now,
        )


def arrive(
    tx: Connection, row: Row[Any], key: str, item_id: str, quantity: int, location_id: str, *, now: datetime
) -> None:
    """Units in transit are at the place that they were sent on to; never more than are on their way."""
    sent = count(tx, "restocked", return_id=row.id, item_id=item_id, location_id=location_id, disposition="transfer")
    arrived = f"return:{row.id}:arrived:"
    there = select(func.coalesce(func.sum(MOVEMENTS.c.on_hand), 0)).where(
        MOVEMENTS.c.key.startswith(arrived, autoescape=True), MOVEMENTS.c.condition == "sellable",
        MOVEMENTS.c.item_id == item_id, MOVEMENTS.c.location_id == location_id, MOVEMENTS.c.key != arrived + key,
    )  # fmt: skip
    left = sent - int(tx.execute(there).scalar_one())
    if quantity > left:
        raise DomainError("too_many", f"{left} unit(s) of {item_id} are on their way to {location_id}, not {quantity}")
    restock(tx, arrived + key, item_id, location_id, quantity, at=now, kind="return")
    gone = {"on_hand": -quantity, "condition": "in_transit", "order_id": row.order_id}
    move(tx, f"{arrived}{key}:left", "return", item_id, location_id, at=now, **gone)
