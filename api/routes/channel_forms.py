"""The forms by which connections' listings are made, by version."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.expected import Unchanged
from api.schemas.orders import FromRow
from db import audit, channel_forms, versions
from domain.catalog.form import ChannelForm
from domain.changes import Change

router = APIRouter(prefix="/connections/{connection}/forms", tags=["products"])

Id = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$")]
_VERSION = r"^[\w.-]{1,64}$"
Version = Annotated[str, Path(pattern=_VERSION)]


class FormVersionOut(FromRow):
    """One version; at most one is active."""

    version: str
    active: bool
    created_at: datetime
    created_by: str


class FormStoredOut(BaseModel):
    """A version that is stored."""

    version: str
    is_new: bool


@router.get("")
async def list_forms(connection: Id, hub: HubDep, _caller: Viewer) -> list[FormVersionOut]:
    """Every version, the newest first."""
    rows = await hub.database.read(lambda tx: channel_forms.every(tx, connection))
    return [FormVersionOut.model_validate(row) for row in rows]


@router.get("/{version}")
async def show_form(connection: Id, version: Version, hub: HubDep, _caller: Viewer) -> dict[str, Any]:
    """One version, as it can be sent back under another number."""
    form = await hub.database.read(lambda tx: channel_forms.load(tx, connection, version))
    return channel_forms.plain(form)


@router.put("/{version}")
async def put_form(
    connection: Id, version: Version, form: ChannelForm, hub: HubDep, caller: Operations, now: Now
) -> FormStoredOut:
    """Store a version; it is not in force before it is activated, and never changes."""
    if form.version != version:
        raise ProblemError(422, "bad_request", f"version: the body says {form.version!r}, the address {version!r}")

    def work(tx: Connection) -> bool:
        is_new = channel_forms.add(tx, connection, form, by=caller.name, now=now)
        if is_new:
            audit.record(tx, caller, "form.put", connection, now=now, after={"version": version})
        return is_new

    return FormStoredOut(version=version, is_new=await hub.database.write(work))


@router.post("/{version}/activate")
async def activate_form(
    connection: Id, version: Version, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> list[FormVersionOut]:
    """Fill this version from now on; what is on sale already follows where its content flow is on."""

    def work(tx: Connection) -> list[FormVersionOut]:
        unchanged.check(tx, versions.rules_in_force(channel_forms.FORMS, "form.activate", connection))
        before = channel_forms.activate(tx, connection, version, now=now)
        if before != version:
            told = {"version": before} if before else None
            audit.record(tx, caller, "form.activate", connection, now=now, before=told, after={"version": version})
        return [FormVersionOut.model_validate(row) for row in channel_forms.every(tx, connection)]

    return await hub.database.write(work)


@router.get("/{version}/diff")
async def diff_forms(
    connection: Id, version: Version, hub: HubDep, _caller: Viewer, against: Annotated[str, Query(pattern=_VERSION)]
) -> list[Change]:
    """What this version changes `against` another: what the channel gets of a product otherwise."""
    return await hub.database.read(lambda tx: list(channel_forms.diff(tx, connection, against, version)))
