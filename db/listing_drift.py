"""Fields that channels show and should not: on record by author, and repaired, accepted or asked about by policy."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, Table, and_, select, update

from db import content_policy
from db.accepting import accept
from db.catalog import Author as Who
from db.exceptions import EXCEPTIONS, close_cause, open_cause
from db.flows import CONTENT, running
from db.offered import OFFERED, Listing, listing_of, save
from db.syncs import wake
from db.tables.content import ListingDriftRow
from db.upsert import insert_once
from domain.content.after import CONTESTED_AT, REST
from domain.content.causes import asked
from domain.content.fields import plain_name
from domain.content.looking import Foreign
from domain.drift import Action, Author
from domain.errors import DomainError

DRIFTS: Table = ListingDriftRow.__table__  # type: ignore[attr-defined]
KIND = "content_drift"
POLICY = "policy"


def take(tx: Connection, at: Listing, found: Sequence[Foreign], now: datetime, *, is_rewriting: bool = False) -> None:
    """Others have changed these fields; the caller saves the listing. What a channel writes in its own way as soon as
    it is told (`is_rewriting`) is never repaired, since it would do it again.
    """  # fmt: skip
    if not found:
        return
    policy, switch = content_policy.of(tx, at.row.connection_id), running(tx, CONTENT).get(at.row.connection_id)
    is_on = switch is not None and switch.mode == "on"
    for one in found:
        action = policy.action(one.author, one.name)
        if is_rewriting and action == "repair" and one.author == "channel":
            action = "ask"
        if action == "accept" and not (is_on and _accepted(tx, at, one, now)):
            action = "ask"
        note(tx, at, one, action, now)
        if action == "repair":
            _repair(at, one.name, now)
        elif action == "ask":
            _ask(tx, at, one, now)


def note(tx: Connection, at: Listing, one: Foreign, action: Action, now: datetime) -> None:
    """One open row per field; what is seen of it later does not make its age younger."""
    seen = {"ours": at.expected.get(one.name), "shown": one.shown, "author": one.author, "action": action}
    known = {"connection_id": at.row.connection_id, "product_id": at.row.product_id, "field": one.name}
    rest = {"found_at": now, "closed_at": None, "closed_as": "", "closed_by": ""}
    if not insert_once(tx, DRIFTS, [known | seen | rest]):
        tx.execute(update(DRIFTS).where(_open_of(at.row, one.name)).values(**seen))
    if action == "accept":
        _close(tx, [at.row], [one.name], "accepted", POLICY, now)


def close_mended(tx: Connection, at: Listing, now: datetime) -> None:
    """Close what shows as it should again, or is not ours any more; then questions that nobody needs to answer."""
    names = _open_names(tx, at.row)
    mended = [name for name in names if name not in at.to_tell and name not in at.left and name not in at.sending]
    for name in mended:
        repaired = names[name] == "repair"
        _close(
            tx, [at.row], [name], "repaired" if repaired else "gone", "the channel shows it" if repaired else "", now
        )
    if mended:
        close_questions(tx, at.row.connection_id, now)


def late(tx: Connection, at: Listing, now: datetime) -> None:
    """These should have been told long ago: they are told as soon as whatever stops it is gone."""
    for name in at.to_tell:
        note(tx, at, Foreign(name, at.confirmed.get(name), "us"), "repair", now)


class Decided(NamedTuple):
    """For how many fields it was decided, and what goes on waiting: the drift's number, and why."""

    done: int
    refused: tuple[tuple[int, str], ...] = ()


def decide_one(
    tx: Connection, drift_id: int, action: Literal["repair", "accept"], *, by: Callable[[str], Who], now: datetime
) -> Row[Any]:
    """A person's word on one field; `by` tells who it is by the connection. DomainError where it cannot be accepted."""
    drift = tx.execute(select(DRIFTS).where(DRIFTS.c.id == drift_id).with_for_update()).first()
    if drift is None:
        raise DomainError("unknown_drift", f"there is no drift {drift_id}; list the drift to find its number")
    if drift.closed_at is not None:
        raise DomainError("drift_over", f"drift {drift_id} is over ({drift.closed_as}); there is nothing to decide")
    if action == "accept":
        _take_over(tx, drift, by(drift.connection_id), now)
    else:
        _tell_again(tx, drift, now)
    close_questions(tx, drift.connection_id, now)
    return tx.execute(select(DRIFTS).where(DRIFTS.c.id == drift_id)).one()


def decide(
    tx: Connection, connection_id: str, author: Author, action: Literal["repair", "accept"], field: str = "", *,
    by: Who, now: datetime,
) -> Decided:  # fmt: skip
    """A person's word on all fields that wait for it; `field` empty: whatever the field."""
    done, refused = 0, []
    for number in waiting(tx, connection_id, author, field):
        try:
            with tx.begin_nested():
                decide_one(tx, number, action, by=lambda _name: by, now=now)
            done += 1
        except DomainError as refusal:
            refused.append((number, str(refusal)))
    return Decided(done, tuple(refused))


def _tell_again(tx: Connection, drift: Row[Any], now: datetime) -> None:
    at = _listing(tx, drift)
    tx.execute(update(DRIFTS).where(DRIFTS.c.id == drift.id).values(action="repair"))
    at.left.discard(drift.field)
    at.published.pop(drift.field, None)
    at.changes |= {"due_at": now, "attempts": 0, "contests": 0}
    save(tx, at, now)
    wake(tx, CONTENT, {drift.connection_id})


def _take_over(tx: Connection, drift: Row[Any], by: Who, now: datetime) -> None:
    accept(tx, drift.connection_id, drift.product_id, drift.field, drift.shown, by=by, now=now)
    at = _listing(tx, drift)
    at.left.discard(drift.field)
    at.expected[drift.field] = at.published[drift.field] = drift.shown
    save(tx, at, now)
    _close(tx, [at.row], [drift.field], "accepted", by.name, now)


def waiting(tx: Connection, connection_id: str, author: Author, field: str = "") -> list[int]:
    """Drift that waits for a person's word."""
    mine = (DRIFTS.c.connection_id == connection_id, DRIFTS.c.author == author, DRIFTS.c.action == "ask")
    rows = tx.execute(
        select(DRIFTS.c.id, DRIFTS.c.field).where(*mine, DRIFTS.c.closed_at.is_(None)).order_by(DRIFTS.c.id)
    )
    return [row.id for row in rows if field in {"", row.field, plain_name(row.field)}]


def open_drifts(
    tx: Connection, connection_id: str = "", author: str = "", *, product_id: str = "", after: int = 0, limit: int = 100
) -> Sequence[Row[Any]]:
    """What is not as it should be, the oldest first."""
    query = select(DRIFTS).where(DRIFTS.c.closed_at.is_(None), DRIFTS.c.id > after)
    if connection_id:
        query = query.where(DRIFTS.c.connection_id == connection_id)
    if author:
        query = query.where(DRIFTS.c.author == author)
    if product_id:
        query = query.where(DRIFTS.c.product_id == product_id)
    return tx.execute(query.order_by(DRIFTS.c.id).limit(limit)).all()


def close_questions(tx: Connection, connection_id: str, now: datetime) -> None:
    """An exception closes with the last field that waits for its answer."""
    waits = select(DRIFTS.c.field, DRIFTS.c.author).where(
        DRIFTS.c.connection_id == connection_id, DRIFTS.c.action == "ask", DRIFTS.c.closed_at.is_(None)
    )
    held = {asked(connection_id, plain_name(row.field), row.author).code for row in tx.execute(waits.distinct())}
    mine = (EXCEPTIONS.c.kind == KIND, EXCEPTIONS.c.connection_id == connection_id, EXCEPTIONS.c.closed_at.is_(None))
    for cause in tx.execute(select(EXCEPTIONS.c.cause).where(*mine)).scalars().all():
        if cause not in held:
            close_cause(tx, cause, now, by="cause gone")


def _repair(at: Listing, name: str, now: datetime) -> None:
    """Told again; if others keep changing it, the hub stops answering each of them at once."""
    at.published.pop(name, None)
    is_calm = at.row.sent_at is None or now - at.row.sent_at > REST
    contests = 1 if is_calm else at.row.contests + 1
    at.changes["contests"] = contests
    if contests > CONTESTED_AT:
        at.changes |= {"due_at": now + REST, "error_code": "contested", "error_field": plain_name(name)}


def _accepted(tx: Connection, at: Listing, one: Foreign, now: datetime) -> bool:
    by = Who(POLICY, f"channel:{at.row.connection_id}")
    try:
        with tx.begin_nested():
            accept(tx, at.row.connection_id, at.row.product_id, one.name, one.shown, by=by, now=now)
    except DomainError:
        return False
    at.expected[one.name] = one.shown
    at.published[one.name] = one.shown
    return True


def _ask(tx: Connection, at: Listing, one: Foreign, now: datetime) -> None:
    at.left.add(one.name)
    name, product = plain_name(one.name), at.row.product_id
    cause = asked(at.row.connection_id, name, one.author, product, at.expected.get(one.name), one.shown)
    open_cause(tx, cause, now, connection_id=at.row.connection_id)


def _listing(tx: Connection, drift: Row[Any]) -> Listing:
    mine = and_(OFFERED.c.connection_id == drift.connection_id, OFFERED.c.product_id == drift.product_id)
    return listing_of(tx.execute(select(OFFERED).where(mine).with_for_update()).one())


def _open_names(tx: Connection, row: Row[Any]) -> dict[str, str]:
    mine = (DRIFTS.c.connection_id == row.connection_id, DRIFTS.c.product_id == row.product_id)
    found = tx.execute(select(DRIFTS.c.field, DRIFTS.c.action).where(*mine, DRIFTS.c.closed_at.is_(None)))
    return {one.field: one.action for one in found}


def _open_of(row: Row[Any], name: str) -> Any:
    return and_(
        DRIFTS.c.connection_id == row.connection_id, DRIFTS.c.product_id == row.product_id, DRIFTS.c.field == name,
        DRIFTS.c.closed_at.is_(None),
    )  # fmt: skip


def _close(tx: Connection, rows: Sequence[Row[Any]], names: Sequence[str], how: str, by: str, now: datetime) -> None:
    for row in rows:
        for name in names:
            tx.execute(update(DRIFTS).where(_open_of(row, name)).values(closed_at=now, closed_as=how, closed_by=by))
