"""Alerts are exceptions by cause: opened, snoozed and closed like all others, and told through an outbox."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db.alert_figures import FIGURES
from db.alert_rules import active
from db.exceptions import EXCEPTIONS, close_cause, open_cause
from db.tables.alerts import AlertMessageRow
from db.upsert import insert_once
from domain.alerts import BELOW, AlertRule, Firing
from domain.causes import Cause

MESSAGES = AlertMessageRow.__table__  # type: ignore[attr-defined]
_LONGEST = timedelta(minutes=30)
MOST_ATTEMPTS = 55
_OPEN = (EXCEPTIONS.c.kind.like("alert\\_%", escape="\\"), EXCEPTIONS.c.closed_at.is_(None))


Watched = Sequence[tuple[AlertRule, list[Firing]]]
"""What fires by each rule of the active version, the worst first."""


def watched(tx: Connection, now: datetime) -> Watched:
    """Only reads: with many items it takes a while, which nobody who writes should wait for."""
    rules = active(tx)
    return [(rule, _firing(tx, rule, now)) for rule in (rules.rules if rules else ())]


def open_alerts(tx: Connection) -> Sequence[Row[Any]]:
    """Snoozed ones too, the oldest first."""
    return tx.execute(select(EXCEPTIONS).where(*_OPEN).order_by(EXCEPTIONS.c.id)).all()


def evaluate(tx: Connection, found: Watched, now: datetime) -> int:
    """Compare what fires with what is open; returns how many alerts are open then."""
    known = {row.cause: row for row in open_alerts(tx)}
    still: set[str] = set()
    for rule, firing in found:
        still |= _watch(tx, rule, firing, known, now)
    for cause in sorted(known.keys() - still):
        _clear(tx, known[cause], now)
    return len(still)


def _watch(
    tx: Connection, rule: AlertRule, firing: Sequence[Firing], known: Mapping[str, Row[Any]], now: datetime
) -> set[str]:
    causes = [rule.cause(one.subject, one.value) for one in firing]
    kept = [cause for cause in causes if cause.code in known]
    fresh = [cause for cause in causes if cause.code not in known][: max(0, rule.at_most - len(kept))]
    for cause in kept:
        _remind(tx, rule, known[cause.code], cause, now)
    for cause in fresh:
        number = open_cause(tx, cause, now)
        tx.execute(update(EXCEPTIONS).where(EXCEPTIONS.c.id == number).values(assignee=rule.owner))
        _tell(tx, number, "opened", rule.notify, rule.name, cause, now)
    return {cause.code for cause in (*kept, *fresh)}


def _firing(tx: Connection, rule: AlertRule, now: datetime) -> list[Firing]:
    """The worst first."""
    found = [
        one for one in FIGURES[rule.kind](tx, now)
        if rule.fires(one.value) and (not rule.subjects or one.subject in rule.subjects)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.value if rule.kind in BELOW else -one.value, one.subject))


def _remind(tx: Connection, rule: AlertRule, row: Row[Any], cause: Cause, now: datetime) -> None:
    """The title says how it stands now; whoever snoozed it is told again when it still holds afterwards."""
    tx.execute(update(EXCEPTIONS).where(EXCEPTIONS.c.id == row.id).values(title=cause.title, severity=cause.severity))
    if row.snoozed_until is not None and row.snoozed_until <= now:
        _tell(tx, row.id, f"again:{row.snoozed_until.isoformat()}", rule.notify, rule.name, cause, now)


def _clear(tx: Connection, row: Row[Any], now: datetime) -> None:
    """It holds no more: whoever was told of it is told of its end, unless it is snoozed."""
    close_cause(tx, row.cause, now, by="cause gone")
    if row.snoozed_until is not None and row.snoozed_until > now:
        return
    told = select(MESSAGES.c.target, MESSAGES.c.rule).where(
        MESSAGES.c.exception_id == row.id, MESSAGES.c.event == "opened"
    )
    for target, rule in tx.execute(told).all():
        _tell(tx, row.id, "cleared", [target], rule, row, now)


def _tell(
    tx: Connection, number: int, event: str, targets: Iterable[str], rule: str, what: Cause | Row[Any], now: datetime
) -> None:
    """In the transaction of what it tells, so that neither is without the other."""
    rows = [
        {
            "key": f"alert:{number}:{event}:{target}", "exception_id": number, "event": event.split(":", maxsplit=1)[0],
            "target": target, "rule": rule, "kind": what.kind, "severity": what.severity, "title": what.title, "remedy": what.remedy,
            "state": "new", "attempts": 0, "due_at": now, "error": "",
        }
        for target in targets
    ]  # fmt: skip
    insert_once(tx, MESSAGES, rows)


def due(tx: Connection, now: datetime, *, limit: int = 20) -> Sequence[Row[Any]]:
    """What is to be sent now, the oldest first."""
    mine = (MESSAGES.c.state == "new", MESSAGES.c.due_at <= now)
    return tx.execute(select(MESSAGES).where(*mine).order_by(MESSAGES.c.due_at, MESSAGES.c.key).limit(limit)).all()


def sent(tx: Connection, key: str, now: datetime) -> None:
    """The target took it."""
    _change(tx, key, state="sent", sent_at=now, error="")


def failed(tx: Connection, message: Row[Any], error: str, now: datetime) -> None:
    """The target did not take it: it is tried again, later each time, for about a day."""
    attempts = message.attempts + 1
    pause = min(_LONGEST, timedelta(seconds=5 * 2 ** min(attempts, 10)))
    state = "given_up" if attempts >= MOST_ATTEMPTS else "new"
    _change(tx, message.key, attempts=attempts, due_at=now + pause, error=error, state=state)


def _change(tx: Connection, key: str, **values: Any) -> None:
    tx.execute(update(MESSAGES).where(MESSAGES.c.key == key).values(**values))


def messages(tx: Connection, *, state: str = "", limit: int = 100) -> Sequence[Row[Any]]:
    """What was said to whom, the newest first."""
    query = select(MESSAGES).order_by(MESSAGES.c.exception_id.desc(), MESSAGES.c.key).limit(limit)
    return tx.execute(query.where(MESSAGES.c.state == state) if state else query).all()
