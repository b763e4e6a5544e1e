"""Stock locations and their profiles."""

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.schemas.text import Name, Strict, Word
from db import audit, locations
from domain.location import Location, LocationProfile
from domain.sourcing.problem import LocationKind

router = APIRouter(prefix="/locations", tags=["locations"])

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]


class LocationIn(Strict):
    """A location; `connection_id` is who ships from it."""

    name: Name
    kind: LocationKind
    connection_id: Name
    external_id: Word = ""
    enabled: bool = True
    profile: LocationProfile


@router.get("")
async def list_locations(hub: HubDep, _caller: Viewer) -> list[Location]:
    """All locations, those too that are switched off."""
    return await hub.database.read(locations.every)


@router.get("/{location}")
async def show_location(location: Id, hub: HubDep, _caller: Viewer) -> Location:
    """One location."""
    return await hub.database.read(lambda tx: locations.load(tx, location))


@router.put("/{location}")
async def put_location(location: Id, wish: LocationIn, hub: HubDep, caller: Operations, now: Now) -> Location:
    """Make it or replace it; decisions from now on see the change."""
    wanted = Location(id=location, **{name: getattr(wish, name) for name in LocationIn.model_fields})

    def work(tx: Connection) -> Location:
        before = locations.put(tx, wanted)
        told = before.model_dump(mode="json") if before else None
        audit.record(tx, caller, "location.put", location, now=now, before=told, after=wanted.model_dump(mode="json"))
        return wanted

    return await hub.database.write(work)
