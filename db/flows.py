"""The switch of each flow of each connection: off, shadow, on for a share of the items."""

from datetime import datetime
from typing import Any, Literal, NamedTuple
from zlib import crc32

from sqlalchemy import Connection, Row, select, update

from db.connections import load
from db.order_reading import CONNECTIONS
from db.recompute import ask_recompute
from db.tables.publication import FlowRow, InventorySyncRow
from db.upsert import insert_once
from db.upsert import put as put_row
from domain.errors import DomainError

FLOWS = FlowRow.__table__  # type: ignore[attr-defined]
SYNCS = InventorySyncRow.__table__  # type: ignore[attr-defined]
NEW_SYNC: dict[str, Any] = {"epoch": 0, "batches": 0, "is_idle": True, "wake": False, "discover_wanted": True}

Mode = Literal["off", "shadow", "on"]
INVENTORY = "inventory"
"""Stock numbers to the channels."""
KNOWN = frozenset({INVENTORY})


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
    ask_recompute(tx, now, reason=f"{flow} of {connection_id} is {mode}")
    _wake(tx, connection_id)
    return before


def mode_changed(tx: Connection, connection_id: str, now: datetime) -> None:
    """The connection's own mode is another one: its flows can do more or less than before."""
    if find(tx, connection_id, INVENTORY) is not None:
        ask_recompute(tx, now, reason=f"{connection_id} has another mode")
        _wake(tx, connection_id)


def places_changed(tx: Connection, connection_id: str, now: datetime) -> None:
    """Other locations stand behind the connection's places: its numbers are computed anew."""
    if find(tx, connection_id, INVENTORY) is not None:
        ask_recompute(tx, now, reason=f"{connection_id} has other places")


def _wake(tx: Connection, connection_id: str) -> None:
    """The flow's run starts, or looks at the switch."""
    insert_once(tx, SYNCS, [NEW_SYNC | {"connection_id": connection_id}])
    tx.execute(update(SYNCS).where(SYNCS.c.connection_id == connection_id).values(wake=True, is_idle=False))


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
