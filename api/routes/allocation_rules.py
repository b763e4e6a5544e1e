"""Allocation rules by version: proposed, previewed, approved."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from api.auth import Admin, Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.expected import Unchanged
from api.rule_changes import Against, ComparedOut, changes_against, rule_changes
from api.schemas.orders import FromRow
from db import allocation_rules, audit, versions
from db.allocation_rules import Preview
from db.availability import ALLOCATION
from domain.availability.rules import AllocationRules
from domain.changes import Change

router = APIRouter(prefix="/allocation-rules", tags=["availability"])

Version = Annotated[str, Path(pattern=r"^[\w.-]{1,64}$")]


class AllocationVersionOut(FromRow):
    """One version; at most one is active, and it was previewed before it was approved."""

    version: str
    active: bool
    created_at: datetime
    created_by: str
    previewed_at: datetime | None
    approved_at: datetime | None
    approved_by: str


class ProposedOut(BaseModel):
    """A version that is stored."""

    version: str
    is_new: bool


@router.get("")
async def list_allocation_rules(hub: HubDep, _caller: Viewer) -> list[AllocationVersionOut]:
    """Every version, the newest first."""
    return [AllocationVersionOut.model_validate(row) for row in await hub.database.read(allocation_rules.every)]


@router.get("/{version}")
async def show_allocation_rules(version: Version, hub: HubDep, _caller: Viewer) -> AllocationRules:
    """The rules of one version."""
    return await hub.database.read(lambda tx: allocation_rules.load(tx, version))


@router.post("/compare")
async def compare_allocation_rules(
    rules: AllocationRules, hub: HubDep, _caller: Operations, against: Against = None
) -> ComparedOut:
    """What these rules would change `against` a version; nothing is stored."""
    return ComparedOut(changes=await changes_against(hub, allocation_rules.load, against, rules))


@router.put("/{version}")
async def propose_allocation_rules(
    version: Version, rules: AllocationRules, hub: HubDep, caller: Operations, now: Now
) -> ProposedOut:
    """Store a version; it counts once it is approved, and never changes."""
    if rules.version != version:
        raise ProblemError(422, "bad_request", f"version: the body says {rules.version!r}, the address {version!r}")

    def work(tx: Connection) -> bool:
        is_new = allocation_rules.propose(tx, rules, by=caller.name, now=now)
        if is_new:
            audit.record(tx, caller, "allocation_rules.propose", version, now=now, after=rules.model_dump(mode="json"))
        return is_new

    return ProposedOut(version=version, is_new=await hub.database.write(work))


@router.post("/{version}/preview")
async def preview_allocation_rules(version: Version, hub: HubDep, caller: Operations, now: Now) -> Preview:
    """What the version would change on every channel, on the stock of this moment; an approval needs it."""
    shown = await hub.database.read(lambda tx: allocation_rules.preview(tx, version, now))

    def work(tx: Connection) -> None:
        allocation_rules.keep_preview(tx, shown)
        audit.record(tx, caller, "allocation_rules.preview", version, now=now, after={"against": shown.against})

    await hub.database.write(work)
    return shown


@router.post("/{version}/approve")
async def approve_allocation_rules(
    version: Version, hub: HubDep, caller: Admin, now: Now, unchanged: Unchanged
) -> list[AllocationVersionOut]:
    """Publish by this version from now on; every number is computed anew."""

    def work(tx: Connection) -> list[AllocationVersionOut]:
        unchanged.check(tx, versions.rules_in_force(ALLOCATION, "allocation_rules.approve"))
        before = allocation_rules.approve(tx, version, by=caller.name, now=now)
        if before != version:
            audit.record(
                tx, caller, "allocation_rules.approve", version, now=now,
                before={"version": before}, after={"version": version},
            )  # fmt: skip
        return [AllocationVersionOut.model_validate(row) for row in allocation_rules.every(tx)]

    return await hub.database.write(work)


@router.get("/{version}/diff")
async def diff_allocation_rules(
    version: Version, hub: HubDep, _caller: Viewer, against: Annotated[str, Query(pattern=r"^[\w.-]{1,64}$")]
) -> list[Change]:
    """What this version changes `against` another."""
    return await hub.database.read(
        lambda tx: rule_changes(allocation_rules.load(tx, against), allocation_rules.load(tx, version))
    )
