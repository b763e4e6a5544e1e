"""Figures of the whole hub, as its console shows them: cheap enough to be asked every few seconds."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from api.auth import Viewer
from api.deps import HubDep, Now
from api.schemas.orders import FromRow
from db import connections, data_flows, flows, throughput
from db.data_flows import DataFlow
from db.throughput import ChannelOrders

router = APIRouter(prefix="/figures", tags=["figures"])

DAY = timedelta(days=1)


class StretchOut(FromRow):
    """What came in, was routed and was shipped from `at` on."""

    at: datetime
    received: int
    routed: int
    shipped: int


class ChannelOut(BaseModel):
    """The orders of one channel: open ones by state, those of the last 24 hours by state."""

    connection_id: str
    name: str
    mode: str
    paused: bool
    open: dict[str, int]
    recent: dict[str, int]


class TodayOut(BaseModel):
    """How things stand, and the last 24 hours."""

    channels: list[ChannelOut]
    hours: list[StretchOut]


class FlowLine(FromRow):
    """One kind of data between the hub and a connection, in the last 24 hours."""

    connection_id: str
    name: str
    direction: Literal["in", "out"]
    volume: int
    failed: int
    waiting: int
    oldest_waiting: datetime | None
    last_success: datetime | None
    mode: Literal["off", "shadow", "on"]
    canary_percent: int | None = None


class ConnectionFlows(BaseModel):
    """A connection, what flows through it, and what its webhooks missed."""

    connection_id: str
    platform: str
    name: str
    mode: str
    paused_at: datetime | None
    pause_reason: str
    polled_at: datetime | None
    seen: int
    missed: int
    unreadable: list[str]
    flows: list[FlowLine]


@router.get("/today")
async def show_today(hub: HubDep, _caller: Viewer, now: Now) -> TodayOut:
    """Orders by channel and state, and what moved in each of the last 24 hours."""

    def work(tx: Connection) -> TodayOut:
        known = connections.every(tx)
        open_now = _by_connection(throughput.open_orders(tx))
        recent = _by_connection(throughput.recent_orders(tx, now - DAY))
        channels = [
            ChannelOut(
                connection_id=row.id, name=row.name or row.id, mode=row.mode, paused=row.paused_at is not None,
                open=open_now.get(row.id, {}), recent=recent.get(row.id, {}),
            )
            for row in known
            if row.id in open_now or row.id in recent
        ]  # fmt: skip
        hours = throughput.stretches(tx, now, timedelta(hours=1), 24)
        return TodayOut(channels=channels, hours=[StretchOut.model_validate(hour) for hour in hours])

    return await hub.database.read(work)


@router.get("/days")
async def show_days(
    hub: HubDep, _caller: Viewer, now: Now, days: Annotated[int, Query(ge=1, le=92)] = 14
) -> list[StretchOut]:
    """What moved on each of the last days, by UTC."""
    found = await hub.database.read(lambda tx: throughput.stretches(tx, now, DAY, days))
    return [StretchOut.model_validate(day) for day in found]


@router.get("/flows")
async def show_flows(hub: HubDep, _caller: Viewer, now: Now) -> list[ConnectionFlows]:
    """The map of data flows: connection by connection, what moves, since when it does not, and what waits."""

    def work(tx: Connection) -> list[ConnectionFlows]:
        lines = data_flows.data_flows(tx, now - DAY)
        polled, switches = data_flows.sweeps(tx), {(row.connection_id, row.flow): row for row in flows.every(tx)}
        shown = []
        for row in connections.every(tx):
            sweep = polled.get(row.id)
            mine = [
                _line(line, row.mode, switches.get((row.id, line.name)))
                for line in lines
                if line.connection_id == row.id
            ]
            shown.append(
                ConnectionFlows(
                    connection_id=row.id, platform=row.platform, name=row.name or row.id, mode=row.mode,
                    paused_at=row.paused_at, pause_reason=row.pause_reason,
                    polled_at=sweep.last_run_at if sweep else None, seen=sweep.seen if sweep else 0,
                    missed=sweep.missed if sweep else 0, unreadable=sweep.unreadable if sweep else [], flows=mine,
                )
            )  # fmt: skip
        return shown

    return await hub.database.read(work)


def _by_connection(lines: Iterable[ChannelOrders]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for line in lines:
        found[line.connection_id][line.state] = line.orders
    return found


def _line(line: DataFlow, connection_mode: str, switch: Any) -> FlowLine:
    """A flow with a switch of its own follows it as far as its connection lets it; the others follow the connection."""
    mode = {"onboarding": "off"}.get(connection_mode, connection_mode)
    if switch is not None and (mode == "on" or switch.mode == "off"):
        mode = switch.mode
    canary = switch.canary_percent if switch is not None and mode == "on" else None
    return FlowLine.model_validate(line._asdict() | {"mode": mode, "canary_percent": canary})
