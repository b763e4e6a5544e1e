"""Measures that add up within an hour, under the mode in which a flow is."""

from datetime import datetime

from sqlalchemy import Connection, Table

from db.flows import running
from db.upsert import dialect_insert


def add(tx: Connection, hours: Table, flow: str, connection_id: str, now: datetime, amounts: dict[str, int]) -> None:
    """Add to the hour's amounts; the others begin at 0."""
    key = ("connection_id", "hour", "mode")
    switch = running(tx, flow).get(connection_id)
    row = dict.fromkeys((column.name for column in hours.columns if column.name not in key), 0) | amounts | {
        "connection_id": connection_id, "hour": now.replace(minute=0, second=0, microsecond=0),
        "mode": switch.mode if switch else "off",
    }  # fmt: skip
    insert = dialect_insert(hours, tx.dialect.name)
    more = {name: hours.c[name] + insert.excluded[name] for name in amounts}
    tx.execute(insert.on_conflict_do_update(index_elements=key, set_=more), [row])
