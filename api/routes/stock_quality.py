"""How right the channels' numbers are: measures, drift, rounds of verification, and what is done about drift."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.routes.items import Id
from api.schemas.orders import FromRow
from api.schemas.text import Name, Strict
from db import audit, drift, stock_quality, verification, verification_policy, window_losses
from domain.drift import Action, Author, VerificationPolicy

router = APIRouter(prefix="/inventory", tags=["inventory"])

Only = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$", description="one connection; empty: all")]
Days = Annotated[int, Query(ge=1, le=400)]
Limit = Annotated[int, Query(ge=1, le=500)]


class QualityOut(FromRow):
    """Measures of a connection while its flow was on, or (`is_baseline`) before; latencies in seconds."""

    connection_id: str
    is_baseline: bool
    accuracy: float | None
    latency_p50: float | None
    latency_p95: float | None
    orders: int
    canceled_for_stock_per_10000: float | None
    window_loss_units: dict[str, int]


class HourOut(FromRow):
    """One hour of a connection under one mode of its flow; latencies in seconds."""

    connection_id: str
    hour: datetime
    mode: Literal["off", "shadow", "on"]
    accuracy: float | None
    latency_p50: float | None
    latency_p95: float | None
    orders: int
    canceled_for_stock: int
    window_loss_units: dict[str, int]


class DriftOut(FromRow):
    """A number that is not as it should be; `shown` is null when the channel does not show it at all."""

    id: int
    connection_id: str
    item_external_id: str
    place: str
    item_id: str
    sku: str
    shown: int | None
    confirmed: int | None
    expected: int | None
    author: Author
    action: Action
    seen_at: datetime


class RoundOut(FromRow):
    """A round of verification; `wrong` of `looked` were not as they should be."""

    id: int
    connection_id: str
    mode: str
    started_at: datetime
    ended_at: datetime | None
    looked: int
    wrong: int
    in_flight: int


class LossOut(FromRow):
    """Units that a channel sold and nobody had, with what it showed them for."""

    order_id: str
    line_id: str
    item_id: str
    connection_id: str
    units: int
    cause: str
    at: datetime


class DecisionIn(Strict):
    """Send our numbers again, or leave the channel's until ours change."""

    connection_id: Name
    author: Literal["channel", "person"]
    action: Literal["repair", "accept"]


class DecidedOut(BaseModel):
    """For how many numbers it was decided."""

    numbers: int


@router.get("/accuracy")
async def read_accuracy(
    hub: HubDep, _caller: Viewer, now: Now, connection: Only = "", days: Days = 7
) -> list[QualityOut]:
    """By connection, the baseline first."""
    found = await hub.database.read(lambda tx: stock_quality.between(tx, now - timedelta(days=days), now, connection))
    return [QualityOut.model_validate(one) for one in found]


@router.get("/accuracy/hours")
async def read_hours(
    hub: HubDep,
    _caller: Viewer,
    now: Now,
    connection: Only = "",
    hours: Annotated[int, Query(ge=1, le=24 * 31)] = 24,
) -> list[HourOut]:
    """By connection and hour; an hour in which the flow was switched stands once per mode."""
    since = now - timedelta(hours=hours)
    found = await hub.database.read(lambda tx: stock_quality.hours(tx, since, now, connection))
    return [HourOut.model_validate(one) for one in found]


@router.get("/drift")
async def list_drift(
    hub: HubDep,
    _caller: Viewer,
    connection: Only = "",
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="the last id of the page before")] = 0,
    limit: Limit = 100,
) -> list[DriftOut]:
    """What is not as it should be, the oldest first."""
    rows = await hub.database.read(lambda tx: drift.open_drifts(tx, connection, after=after, limit=limit))
    return [DriftOut.model_validate(row) for row in rows]


@router.post("/drift/decide")
async def decide_drift(wish: DecisionIn, hub: HubDep, caller: Operations, now: Now) -> DecidedOut:
    """Answer for all numbers of a connection that wait for a decision."""

    def work(tx: Connection) -> DecidedOut:
        numbers = drift.decide(tx, wish.connection_id, wish.author, wish.action, now)
        audit.record(tx, caller, "drift.decide", wish.connection_id, now=now, after=wish.model_dump())
        return DecidedOut(numbers=numbers)

    return await hub.database.write(work)


@router.get("/verifications")
async def list_verifications(hub: HubDep, _caller: Viewer, connection: Only = "", limit: Limit = 20) -> list[RoundOut]:
    """The newest first."""
    rows = await hub.database.read(lambda tx: verification.rounds(tx, connection, limit=limit))
    return [RoundOut.model_validate(row) for row in rows]


@router.get("/window-losses")
async def list_window_losses(
    hub: HubDep, _caller: Viewer, now: Now, connection: Only = "", days: Days = 7, limit: Limit = 100
) -> list[LossOut]:
    """Sold and not there, the newest first."""
    since = now - timedelta(days=days)
    rows = await hub.database.read(lambda tx: window_losses.of(tx, since, connection, limit=limit))
    return [LossOut.model_validate(row) for row in rows]


@router.get("/verification-policies/{connection}")
async def show_verification_policy(connection: Id, hub: HubDep, _caller: Viewer) -> VerificationPolicy:
    """What is done about drift on this connection."""
    return await hub.database.read(lambda tx: verification_policy.of(tx, connection))


@router.put("/verification-policies/{connection}")
async def put_verification_policy(
    connection: Id, policy: VerificationPolicy, hub: HubDep, caller: Operations, now: Now
) -> VerificationPolicy:
    """Say what is done about drift on this connection."""

    def work(tx: Connection) -> VerificationPolicy:
        before = verification_policy.put(tx, connection, policy, by=caller.name, now=now)
        if before != policy:
            audit.record(
                tx, caller, "verification_policy.put", connection, now=now,
                before=before.model_dump(), after=policy.model_dump(),
            )  # fmt: skip
        return policy

    return await hub.database.write(work)
