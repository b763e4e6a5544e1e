"""Connections: made, opened step by step, paused, given new secrets."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from api.auth import Admin, Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.schemas.connections import (
    ConnectionIn,
    ConnectionOut,
    ConnectionPatch,
    ImportIn,
    MappingsIn,
    ModeIn,
    PauseIn,
    PlatformOut,
    RotatedOut,
    RotateIn,
    SubscribeIn,
    WokenOut,
)
from connectors.contract import capabilities
from connectors.errors import ConnectorError
from connectors.registry import installed
from db import audit, connections
from runtime.connection_config import checked, form, shown
from runtime.onboarding import Onboarding, Place, Report
from runtime.opening_stock import Imported

router = APIRouter(tags=["connections"])

Id = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]*$")]


@contextmanager
def reaching_out() -> Iterator[None]:
    """What the platform refuses or cannot do now is not the hub's failure."""
    try:
        yield
    except ConnectorError as error:
        raise ProblemError(502, "platform_failed", error.merchant) from error


@router.get("/platforms")
async def list_platforms(_caller: Viewer) -> list[PlatformOut]:
    """Every connector that is installed, what it can do and the form of its configuration."""
    return [
        PlatformOut(platform=name, capabilities=sorted(capabilities(found)), config=form(name))
        for name, found in sorted(installed().items())
    ]


@router.get("/connections")
async def list_connections(hub: HubDep, _caller: Viewer) -> list[ConnectionOut]:
    """All connections, without their configuration."""
    return [ConnectionOut.model_validate(row) for row in await hub.database.read(connections.every)]


@router.post("/connections", status_code=201)
async def create_connection(wish: ConnectionIn, hub: HubDep, caller: Admin, now: Now) -> ConnectionOut:
    """Make a connection; it starts in mode onboarding and does nothing yet."""
    config = checked(wish.platform, wish.config)
    plain = wish.model_dump(exclude={"id", "config"})

    def work(tx: Connection) -> ConnectionOut:
        connections.create(tx, hub.keys, wish.id, config=config, now=now, **plain)
        audit.record(tx, caller, "connection.create", wish.id, now=now, after=plain)
        return ConnectionOut.model_validate(connections.load(tx, wish.id))

    return await hub.database.write(work)


@router.get("/connections/{connection}")
async def show_connection(connection: Id, hub: HubDep, _caller: Viewer) -> ConnectionOut:
    """One connection."""
    return ConnectionOut.model_validate(await hub.database.read(lambda tx: connections.load(tx, connection)))


@router.get("/connections/{connection}/config")
async def show_config(connection: Id, hub: HubDep, _caller: Admin, now: Now) -> dict[str, Any]:
    """The configuration; secrets are stars and are never given out."""
    row = await hub.database.read(lambda tx: connections.load(tx, connection))
    return shown(row.platform, connections.config_of(hub.keys, row, now))


@router.patch("/connections/{connection}")
async def change_connection(
    connection: Id, wish: ConnectionPatch, hub: HubDep, caller: Admin, now: Now
) -> ConnectionOut:
    """Change what is named; fields of `config` that are not named stay as they are."""
    changed = wish.model_dump(exclude={"config"}, exclude_none=True)

    def work(tx: Connection) -> ConnectionOut:
        row = connections.load(tx, connection)
        before = {name: getattr(row, name) for name in changed}
        if wish.config:
            config = checked(row.platform, connections.config_of(hub.keys, row, now) | wish.config)
            connections.put_config(tx, hub.keys, connection, config)
        connections.change(tx, connection, **changed)
        after = changed | ({"config": sorted(wish.config)} if wish.config else {})
        audit.record(tx, caller, "connection.change", connection, now=now, before=before, after=after)
        return ConnectionOut.model_validate(connections.load(tx, connection))

    return await hub.database.write(work)


@router.get("/connections/{connection}/onboarding")
async def show_onboarding(connection: Id, hub: HubDep, _caller: Viewer) -> Report:
    """What is done and what is missing, looked up at the platform now."""
    with reaching_out():
        return await Onboarding(hub).report(connection)


@router.post("/connections/{connection}/webhooks")
async def subscribe(connection: Id, wish: SubscribeIn, hub: HubDep, caller: Admin, now: Now) -> list[str]:
    """Have the platform send its webhooks to this hub; returns the topics. Repeatable."""
    with reaching_out():
        topics = await Onboarding(hub).subscribe(connection, str(wish.hub_url))
    await _note(hub, caller, "connection.subscribe", connection, now, {"topics": list(topics)})
    return list(topics)


@router.get("/connections/{connection}/places")
async def list_places(connection: Id, hub: HubDep, _caller: Viewer) -> list[Place]:
    """The places that the platform knows, what they are mapped to, and a suggestion where they are not."""
    with reaching_out():
        return list(await Onboarding(hub).places(connection))


@router.put("/connections/{connection}/mappings")
async def put_mappings(connection: Id, wish: MappingsIn, hub: HubDep, caller: Operations, now: Now) -> list[Place]:
    """Map places to locations and means of payment to tenders; what is not named stays as it is."""
    desk = Onboarding(hub)
    with reaching_out():
        await desk.map_places(connection, wish.places)
        if wish.tenders is not None:
            await desk.map_tenders(connection, wish.tenders)
        await _note(hub, caller, "connection.map", connection, now, wish.model_dump())
        return list(await desk.places(connection))


@router.post("/connections/{connection}/opening-stock")
async def import_opening_stock(
    connection: Id, wish: ImportIn, hub: HubDep, caller: Operations, now: Now
) -> list[Imported]:
    """Take the platform's numbers over where it ships from; one result per number. Repeatable: each is booked once."""
    with reaching_out():
        results = await Onboarding(hub).import_stock(connection, make_items=wish.make_items)
    booked = sum(result.outcome == "imported" for result in results)
    await _note(hub, caller, "connection.opening_stock", connection, now, {"numbers": len(results), "booked": booked})
    return list(results)


@router.put("/connections/{connection}/mode")
async def set_mode(connection: Id, wish: ModeIn, hub: HubDep, caller: Admin, now: Now) -> ConnectionOut:
    """Onboarding, shadow or on; shadow comes first, and on needs every step of the onboarding."""
    with reaching_out():
        await Onboarding(hub).go(connection, wish.mode, wish.starts_at)
    await _note(hub, caller, "connection.mode", connection, now, {"mode": wish.mode})
    return await show_connection(connection, hub, caller)


@router.post("/connections/{connection}/pause")
async def pause(connection: Id, wish: PauseIn, hub: HubDep, caller: Operations, now: Now) -> ConnectionOut:
    """Write nothing more to it; what comes in is still taken."""

    def work(tx: Connection) -> ConnectionOut:
        if connections.pause(tx, connection, reason=wish.reason, now=now):
            audit.record(tx, caller, "connection.pause", connection, now=now, after={"reason": wish.reason})
        return ConnectionOut.model_validate(connections.load(tx, connection))

    return await hub.database.write(work)


@router.post("/connections/{connection}/resume")
async def resume(connection: Id, hub: HubDep, caller: Operations, now: Now) -> WokenOut:
    """Write to it again; the orders that waited go on by themselves."""

    def work(tx: Connection) -> WokenOut:
        woken = connections.resume(tx, connection, now=now)
        audit.record(tx, caller, "connection.resume", connection, now=now, after={"orders": len(woken)})
        return WokenOut(orders=len(woken))

    return await hub.database.write(work)


@router.post("/connections/{connection}/webhook-secret")
async def rotate_secret(connection: Id, wish: RotateIn, hub: HubDep, caller: Admin, now: Now) -> RotatedOut:
    """Sign with a new secret from now on; the old one still counts for a while."""
    keep_for = timedelta(minutes=wish.keep_old_minutes)

    def work(tx: Connection) -> datetime:
        until = connections.rotate_webhook_secret(
            tx, hub.keys, connection, wish.secret.get_secret_value(), keep_for=keep_for, now=now
        )
        audit.record(tx, caller, "connection.rotate_secret", connection, now=now, after={"old_until": until})
        return until

    return RotatedOut(old_counts_until=await hub.database.write(work))


async def _note(hub: HubDep, caller: Admin, action: str, target: str, now: datetime, after: dict[str, Any]) -> None:
    await hub.database.write(lambda tx: audit.record(tx, caller, action, target, now=now, after=after))
