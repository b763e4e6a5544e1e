"""Safety stock by item, channel and location, and the calendar profiles in which it counts."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.expected import Unchanged
from api.schemas.orders import FromRow
from api.schemas.text import Strict, Word
from db import audit, availability_effect, safety_stock, versions
from db.availability_effect import Change, ChannelEffect
from domain.availability.safety import Safety

router = APIRouter(tags=["availability"])

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=_FIRST, le=_LAST)]
Text = Annotated[str, Query(max_length=300, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=500)]
ProfileName = Annotated[str, Path(pattern=r"^[\w.-]{1,64}$")]


class SafetyStockOut(FromRow):
    """Units that are not published; an empty field means all, an empty profile always."""

    item_id: str
    connection_id: str
    location_id: str
    profile: str
    units: int


class SafetyStockPage(BaseModel):
    """`next` goes on from the last entry, null on the last page; `version` is of what is said of this item by name."""

    version: str
    entries: list[SafetyStockOut]
    next: str | None


class SafetyStockIn(Strict):
    """The scope and its units; null units take the entry away."""

    item_id: Word = ""
    connection_id: Word = ""
    location_id: Word = ""
    profile: Word = ""
    units: Annotated[int, Field(ge=0, le=1_000_000_000)] | None


class ProfileOut(FromRow):
    """A time in which a profile counts; `version` is for `If-Match`."""

    name: str
    starts_at: datetime
    ends_at: datetime
    version: str = ""


class ProfileIn(Strict):
    """From when until when."""

    starts_at: Moment
    ends_at: Moment


@router.get("/safety-stock")
async def list_safety_stock(
    hub: HubDep, _caller: Viewer, item: Text = "", after: Text = "", limit: Limit = 100
) -> SafetyStockPage:
    """By item, connection, location and profile."""
    place = tuple(after.split("|")) if after else ("", "", "", "")
    if len(place) != len(safety_stock.KEYS):
        raise ProblemError(422, "bad_cursor", "after: send what a page gave as `next`")
    version, rows = await hub.database.read(
        lambda tx: (_thing(item).version(tx), safety_stock.page(tx, item_id=item, after=place, limit=limit + 1))
    )
    last = rows[limit - 1] if len(rows) > limit else None
    shown = [SafetyStockOut.model_validate(row) for row in rows[:limit]]
    return SafetyStockPage(version=version, entries=shown, next="|".join(last[:4]) if last else None)


@router.put("/safety-stock")
async def put_safety_stock(
    wish: SafetyStockIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> SafetyStockPage:
    """Set or take away the units of one scope; answers what is said of its item by name."""
    entry = Safety(wish.item_id, wish.connection_id, wish.location_id, wish.profile, wish.units or 0)

    def work(tx: Connection) -> SafetyStockPage:
        unchanged.check(tx, _thing(wish.item_id))
        if wish.units is None:
            safety_stock.remove(tx, entry, now)
        else:
            safety_stock.put(tx, entry, now)
        audit.record(tx, caller, "safety_stock.put", wish.item_id or "all", now=now, after=wish.model_dump())
        rows = safety_stock.page(tx, item_id=wish.item_id)
        entries = [SafetyStockOut.model_validate(row) for row in rows]
        return SafetyStockPage(version=_thing(wish.item_id).version(tx), entries=entries, next=None)

    return await hub.database.write(work)


class SafetyEffectOut(BaseModel):
    """What it would change: totals by channel, and the largest changes first."""

    channels: dict[str, ChannelEffect]
    examples: list[Change]


@router.post("/safety-stock/preview")
async def preview_safety_stock(wish: SafetyStockIn, hub: HubDep, _caller: Viewer, now: Now) -> SafetyEffectOut:
    """Compute the numbers with it (null units: without it) on the stock of the moment; nothing is changed."""
    entry = Safety(wish.item_id, wish.connection_id, wish.location_id, wish.profile, wish.units or 0)
    is_gone = wish.units is None
    found = await hub.database.read(lambda tx: availability_effect.of_safety_stock(tx, entry, now, is_gone=is_gone))
    return SafetyEffectOut(channels=found.channels, examples=list(found.examples))


@router.get("/calendar-profiles")
async def list_profiles(hub: HubDep, _caller: Viewer) -> list[ProfileOut]:
    """By their beginning."""
    return await hub.database.read(_profiles)


@router.put("/calendar-profiles/{name}")
async def put_profile(
    name: ProfileName, wish: ProfileIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> list[ProfileOut]:
    """Give a profile a time; it begins and ends by itself. The same beginning again moves the end."""

    def work(tx: Connection) -> list[ProfileOut]:
        unchanged.check(tx, _profile(name))
        safety_stock.put_profile(tx, name, wish.starts_at, wish.ends_at, now)
        audit.record(tx, caller, "calendar_profile.put", name, now=now, after=wish.model_dump(mode="json"))
        return _profiles(tx)

    return await hub.database.write(work)


@router.delete("/calendar-profiles/{name}")
async def remove_profile(
    name: ProfileName, starts_at: Moment, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> list[ProfileOut]:
    """Take one of its times away."""

    def work(tx: Connection) -> list[ProfileOut]:
        unchanged.check(tx, _profile(name))
        if safety_stock.remove_profile(tx, name, starts_at, now):
            gone = {"starts_at": starts_at.isoformat()}
            audit.record(tx, caller, "calendar_profile.remove", name, now=now, before=gone)
        return _profiles(tx)

    return await hub.database.write(work)


def _thing(item_id: str) -> versions.Thing:
    return versions.audited(item_id or "all", "safety_stock.")


def _profile(name: str) -> versions.Thing:
    """A profile with all its times."""
    return versions.audited(name, "calendar_profile.")


def _profiles(tx: Connection) -> list[ProfileOut]:
    rows = [ProfileOut.model_validate(row) for row in safety_stock.profiles(tx)]
    known = {name: _profile(name).version(tx) for name in {row.name for row in rows}}
    return [row.model_copy(update={"version": known[row.name]}) for row in rows]
