"""The switch of each flow of each connection: off, shadow, on for a share of the items."""

from datetime import datetime
from typing import Any, Literal, NamedTuple
from zlib import crc32

from sqlalchemy import Connection, Row, select

from db import syncs
from db.connections import load
from db.content_marks import mark_connection
from db.order_reading import CONNECTIONS, SWITCHES, is_paused
from db.recompute import ask_recompute
from db.syncs import Run
from db.tables.publication import FlowRow
from db.upsert import put as put_row
from domain.errors import DomainError

FLOWS = FlowRow.__table__  # type: ignore[attr-defined]

Mode = Literal["off", "shadow", "on"]
INVENTORY = "inventory"
"""Stock numbers to the channels."""
CONTENT = "content"
"""Texts, pictures and prices of what is on sale."""
KNOWN = frozenset({INVENTORY, CONTENT})


class Switch(NamedTuple):
    """How a flow stands: what the connection itself does not do yet, none of its flows does."""

    connection_id: str
    market: str
    mode: Mode
    canary_percent: int
    settings: dict[str, Any]

    def writes(self, bucket: int) -> bool:
        """Whether what is in this bucket is really written."""
        return self.mode == "on" and bucket < self.canary_percent


class Turn(NamedTuple):
    """What an attempt of a flow's run may do; an `epoch` that is no longer the row's own is superseded."""

    epoch: int
    is_on: bool
    must_discover: bool


def put(tx: Connection, connection_id: str, flow: str, mode: Mode, canary_percent: int, *, by: str, now: datetime) -> Row[Any] | None:  # fmt: skip
    """Turn the switch; returns how it stood before. Shadow comes before on, so that there is something to compare."""
    load(tx, connection_id)
    if flow not in KNOWN:
        raise DomainError("unknown_flow", f"flow: there is no flow {flow!r}; choose one of {', '.join(sorted(KNOWN))}")
    before = find(tx, connection_id, flow)
    if mode == "on" and (before is None or before.mode == "off"):
        raise DomainError(
            "shadow_first", f"{flow} of {connection_id} has not run in shadow; start it there and compare"
        )
    row = {
        "connection_id": connection_id, "flow": flow, "mode": mode, "canary_percent": canary_percent,
        "changed_at": now, "changed_by": by,
    }  # fmt: skip
    put_row(tx, FLOWS, row, keys=("connection_id", "flow"))
    if flow == INVENTORY:
        ask_recompute(tx, now, reason=f"{flow} of {connection_id} is {mode}")
    else:
        mark_connection(tx, connection_id, now)
    syncs.start(tx, Run(connection_id, flow))
    return before


def mode_changed(tx: Connection, connection_id: str, now: datetime) -> None:
    """The connection's own mode is another one: its flows can do more or less than before."""
    for row in tx.execute(select(FLOWS.c.flow).where(FLOWS.c.connection_id == connection_id)):
        if row.flow == INVENTORY:
            ask_recompute(tx, now, reason=f"{connection_id} has another mode")
        else:
            mark_connection(tx, connection_id, now)
        syncs.start(tx, Run(connection_id, row.flow))


def places_changed(tx: Connection, connection_id: str, now: datetime) -> None:
    """Other locations stand behind the connection's places: its numbers are computed anew."""
    if find(tx, connection_id, INVENTORY) is not None:
        ask_recompute(tx, now, reason=f"{connection_id} has other places")


def begin_turn(tx: Connection, run: Run) -> Turn:
    """An attempt of the flow's run starts; earlier ones are fenced off."""
    row = syncs.begin(tx, run)
    switch = running(tx, run.flow).get(run.connection_id)
    return Turn(row.epoch, is_on=switch is not None, must_discover=switch is not None and row.discover_wanted)


def writing(tx: Connection, run: Run, kind: str) -> Switch | None:
    """The switch if the flow may write now: it is on, and neither the connection nor this kind of write is paused."""
    switch = running(tx, run.flow).get(run.connection_id)
    return switch if switch and switch.mode == "on" and not is_held(tx, run.connection_id, kind) else None


def is_held(tx: Connection, connection_id: str, kind: str) -> bool:
    """The connection, this kind of write on it, or all writes are paused."""
    mine = select(SWITCHES.c.on).where(SWITCHES.c.name == f"{connection_id}:{kind}")
    return is_paused(tx, connection_id) or bool(tx.execute(mine).scalar())


def every(tx: Connection) -> list[Row[Any]]:
    """Every switch that was ever used."""
    return list(tx.execute(select(FLOWS).order_by(FLOWS.c.connection_id, FLOWS.c.flow)))


def find(tx: Connection, connection_id: str, flow: str) -> Row[Any] | None:
    return tx.execute(select(FLOWS).where(FLOWS.c.connection_id == connection_id, FLOWS.c.flow == flow)).first()


def running(tx: Connection, flow: str) -> dict[str, Switch]:
    """The connections whose flow is not off, by their ids; one in shadow mode has its flows in shadow."""
    rows = tx.execute(
        select(FLOWS, CONNECTIONS.c.mode.label("connection_mode"), CONNECTIONS.c.market, CONNECTIONS.c.settings)
        .join(CONNECTIONS, CONNECTIONS.c.id == FLOWS.c.connection_id)
        .where(FLOWS.c.flow == flow, FLOWS.c.mode != "off", CONNECTIONS.c.mode != "onboarding")
        .order_by(FLOWS.c.connection_id)
    )
    return {
        row.connection_id: Switch(
            row.connection_id, row.market, "on" if {row.mode, row.connection_mode} == {"on"} else "shadow",
            row.canary_percent, row.settings or {},
        )
        for row in rows
    }  # fmt: skip


def bucket(item_id: str) -> int:
    """0 to 99, the same for an item always and on every channel."""
    return crc32(item_id.encode()) % 100
