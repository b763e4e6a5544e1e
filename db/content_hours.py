"""The measure of content, hour by hour: how many fields showed as they should, for how long."""

from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from db import hours, measure_clock
from db.flows import CONTENT, running
from db.offered import OFFERED
from db.tables.content import ContentHourRow

HOURS: Table = ContentHourRow.__table__  # type: ignore[attr-defined]


def measure(tx: Connection, now: datetime) -> None:
    """The time since the last measurement, with the fields as they are now."""
    watched = measure_clock.tick(tx, measure_clock.CONTENT, now)
    if watched is None:
        return
    sums = select(OFFERED.c.connection_id, func.sum(OFFERED.c.fields), func.sum(OFFERED.c.right))
    known = {name: (int(ours), int(right)) for name, ours, right in tx.execute(sums.group_by(OFFERED.c.connection_id))}
    for name in running(tx, CONTENT):
        ours, right = known.get(name, (0, 0))
        _add(tx, name, now, listed_s=ours * watched.seconds, accurate_s=right * watched.seconds)


def unseen(tx: Connection, connection_id: str, fields: int, since: datetime, now: datetime) -> None:
    """Fields were found wrong that were right when they were last looked at: on average they were so for half of that time."""
    _add(tx, connection_id, now, accurate_s=-round(fields * (now - since).total_seconds() / 2))


def _add(tx: Connection, connection_id: str, now: datetime, **amounts: int) -> None:
    hours.add(tx, HOURS, CONTENT, connection_id, now, amounts)
