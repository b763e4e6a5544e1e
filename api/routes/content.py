"""Content after launch: how listings stand, what drifts and whose it is, how accurate it is, and what is done about it."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.expected import Unchanged
from api.routes.items import Id
from api.schemas.content import (
    AccuracyHourOut,
    ContentDecidedOut,
    ContentDecisionIn,
    ContentDriftOut,
    ContentListingOut,
    ContentQualityOut,
    ContentRoundOut,
    PolicyVersionOut,
)
from db import audit, content_listings, content_policy, content_quality, content_verification, listing_drift, versions
from db.actors import Actor
from db.catalog import Author as Who
from db.content_listings import State
from domain.content.policy import ContentPolicy

router = APIRouter(prefix="/content", tags=["content"])

Only = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$", description="one connection; empty: all")]
Product = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$", description="one product; empty: all")]
Days = Annotated[int, Query(ge=1, le=400)]
Limit = Annotated[int, Query(ge=1, le=500)]
DriftId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/listings")
async def list_content_listings(
    hub: HubDep,
    _caller: Viewer,
    connection: Only = "",
    product: Product = "",
    state: State | None = None,
    after: Annotated[
        str, Query(max_length=100, pattern=r"^[^\x00]*$", description="the last product of the page before")
    ] = "",
    limit: Limit = 100,
) -> list[ContentListingOut]:
    """What each listing is still to be told, and what holds it up."""
    found = await hub.database.read(
        lambda tx: content_listings.standings(tx, connection, product, state or "", after=after, limit=limit)
    )
    return [ContentListingOut.model_validate(one) for one in found]


@router.post("/listings/{connection}/{product}/release")
async def release_listing(
    connection: Id, product: Id, hub: HubDep, caller: Operations, now: Now
) -> list[ContentListingOut]:
    """What a launch has taken back follows the master again."""

    def work(tx: Connection) -> list[ContentListingOut]:
        content_listings.release(tx, connection, product, now)
        audit.record(tx, caller, "content.release", f"{connection}:{product}", now=now)
        return [ContentListingOut.model_validate(one) for one in content_listings.standings(tx, connection, product)]

    return await hub.database.write(work)


@router.get("/drift")
async def list_content_drift(
    hub: HubDep,
    _caller: Viewer,
    connection: Only = "",
    product: Product = "",
    author: Literal["us", "channel", "person"] | None = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="the last id of the page before")] = 0,
    limit: Limit = 100,
) -> list[ContentDriftOut]:
    """Fields that differ, with both values and whose doing it is, the oldest first."""
    rows = await hub.database.read(
        lambda tx: listing_drift.open_drifts(tx, connection, author or "", product_id=product, after=after, limit=limit)
    )
    return [ContentDriftOut.model_validate(row) for row in rows]


@router.post("/drift/decide")
async def decide_content_drift(wish: ContentDecisionIn, hub: HubDep, caller: Operations, now: Now) -> ContentDecidedOut:
    """Answer for all fields of a connection that wait for a decision; what cannot be accepted goes on waiting."""

    def work(tx: Connection) -> ContentDecidedOut:
        decided = listing_drift.decide(
            tx,
            wish.connection_id,
            wish.author,
            wish.action,
            wish.field,
            by=_author(caller, wish.connection_id),
            now=now,
        )
        audit.record(tx, caller, "content_drift.decide", wish.connection_id, now=now, after=wish.model_dump())
        return ContentDecidedOut(decided=decided.done, refused=dict(decided.refused))

    return await hub.database.write(work)


@router.post("/drift/{drift}/repair")
async def repair_content_drift(drift: DriftId, hub: HubDep, caller: Operations, now: Now) -> ContentDriftOut:
    """Tell the channel ours again."""
    return await _decide(hub, caller, drift, "repair", now)


@router.post("/drift/{drift}/accept")
async def accept_content_drift(drift: DriftId, hub: HubDep, caller: Operations, now: Now) -> ContentDriftOut:
    """Make the channel's value that channel's own in the master; refused where no form can say it or it is below the floor."""
    return await _decide(hub, caller, drift, "accept", now)


async def _decide(
    hub: HubDep, caller: Actor, drift: int, action: Literal["repair", "accept"], now: datetime
) -> ContentDriftOut:
    def work(tx: Connection) -> ContentDriftOut:
        row = listing_drift.decide_one(tx, drift, action, by=lambda name: _author(caller, name), now=now)
        told = {"drift": row.id, "field": row.field, "action": action}
        audit.record(
            tx, caller, f"content_drift.{action}", f"{row.connection_id}:{row.product_id}", now=now, after=told
        )
        return ContentDriftOut.model_validate(row)

    return await hub.database.write(work)


def _author(caller: Actor, connection_id: str) -> Who:
    """The history of the field says from which side its value came."""
    return Who(caller.name, f"channel:{connection_id}")


@router.get("/accuracy")
async def read_content_accuracy(
    hub: HubDep, _caller: Viewer, now: Now, connection: Only = "", days: Days = 7
) -> list[ContentQualityOut]:
    """Product information accuracy by connection, the baseline first."""
    since = now - timedelta(days=days)
    found = await hub.database.read(lambda tx: content_quality.between(tx, since, now, connection))
    return [ContentQualityOut.model_validate(one) for one in found]


@router.get("/accuracy/hours")
async def list_content_accuracy(
    hub: HubDep, _caller: Viewer, now: Now, connection: Only = "", days: Days = 7
) -> list[AccuracyHourOut]:
    """The same hour by hour, the oldest first."""
    since = now - timedelta(days=days)
    found = await hub.database.read(lambda tx: content_quality.by_hour(tx, since, now, connection))
    return [AccuracyHourOut.model_validate(one) for one in found]


@router.get("/verifications")
async def list_content_verifications(
    hub: HubDep, _caller: Viewer, connection: Only = "", limit: Limit = 20
) -> list[ContentRoundOut]:
    """The newest first."""
    rows = await hub.database.read(lambda tx: content_verification.rounds(tx, connection, limit=limit))
    return [ContentRoundOut.model_validate(row) for row in rows]


@router.get("/policies/{connection}")
async def show_content_policy(connection: Id, hub: HubDep, _caller: Viewer) -> ContentPolicy:
    """What is done about drift of content on this connection."""
    return await hub.database.read(lambda tx: content_policy.of(tx, connection))


@router.get("/policies/{connection}/versions")
async def list_content_policies(connection: Id, hub: HubDep, _caller: Viewer) -> list[PolicyVersionOut]:
    """Every version there was, the newest first."""
    rows = await hub.database.read(lambda tx: content_policy.every(tx, connection))
    return [PolicyVersionOut.model_validate(row) for row in rows]


@router.put("/policies/{connection}")
async def put_content_policy(
    connection: Id, policy: ContentPolicy, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> ContentPolicy:
    """Put a version in force; a version never changes."""

    def work(tx: Connection) -> ContentPolicy:
        unchanged.check(tx, versions.rules_in_force(content_policy.POLICIES, "content_policy.put", connection))
        before = content_policy.put(tx, connection, policy, by=caller.name, now=now)
        if before != policy:
            audit.record(
                tx, caller, "content_policy.put", connection, now=now,
                before=before.model_dump(mode="json"), after=policy.model_dump(mode="json"),
            )  # fmt: skip
        return policy

    return await hub.database.write(work)
