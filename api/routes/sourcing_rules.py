"""Sourcing rules by version: looked at, compared, put in force."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.expected import Unchanged
from api.rule_changes import Against, ComparedOut, changes_against, rule_changes
from api.schemas.orders import FromRow
from db import audit, sourcing_rules, versions
from domain.changes import Change
from domain.sourcing.lint import lint
from domain.sourcing.rules import SourcingRules

router = APIRouter(prefix="/sourcing-rules", tags=["sourcing rules"])

_VERSION = r"^[\w.-]{1,64}$"
Version = Annotated[str, Path(pattern=_VERSION)]


class VersionOut(FromRow):
    """One version; at most one is active."""

    version: str
    active: bool
    created_at: datetime
    created_by: str


class StoredOut(BaseModel):
    """A version that is stored, and what looks wrong about it."""

    version: str
    is_new: bool
    warnings: list[str]


@router.get("")
async def list_rules(hub: HubDep, _caller: Viewer) -> list[VersionOut]:
    """Every version, the newest first."""
    return [VersionOut.model_validate(row) for row in await hub.database.read(sourcing_rules.every)]


@router.get("/{version}")
async def show_rules(version: Version, hub: HubDep, _caller: Viewer) -> SourcingRules:
    """The rules of one version."""
    return await hub.database.read(lambda tx: sourcing_rules.load(tx, version))


@router.post("/compare")
async def compare_rules(rules: SourcingRules, hub: HubDep, _caller: Operations, against: Against = None) -> ComparedOut:
    """What these rules would change `against` a version; nothing is stored."""
    return ComparedOut(changes=await changes_against(hub, sourcing_rules.load, against, rules), warnings=lint(rules))


@router.put("/{version}")
async def put_rules(version: Version, rules: SourcingRules, hub: HubDep, caller: Operations, now: Now) -> StoredOut:
    """Store a version; it is not in force before it is activated, and never changes."""
    if rules.version != version:
        raise ProblemError(422, "bad_request", f"version: the body says {rules.version!r}, the address {version!r}")

    def work(tx: Connection) -> bool:
        is_new = sourcing_rules.add(tx, rules, by=caller.name, now=now)
        if is_new:
            audit.record(tx, caller, "sourcing_rules.put", version, now=now, after={"rules": len(rules.rules)})
        return is_new

    return StoredOut(version=version, is_new=await hub.database.write(work), warnings=lint(rules))


@router.post("/{version}/activate")
async def activate_rules(
    version: Version, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> list[VersionOut]:
    """Decide by this version from now on; decisions that were made keep theirs."""

    def work(tx: Connection) -> list[VersionOut]:
        unchanged.check(tx, versions.rules_in_force(sourcing_rules.RULES, "sourcing_rules.activate"))
        before = sourcing_rules.activate(tx, version)
        if before != version:
            told = {"version": before} if before else None
            audit.record(
                tx, caller, "sourcing_rules.activate", version, now=now, before=told, after={"version": version}
            )
        return [VersionOut.model_validate(row) for row in sourcing_rules.every(tx)]

    return await hub.database.write(work)


@router.get("/{version}/diff")
async def diff_rules(
    version: Version, hub: HubDep, _caller: Viewer, against: Annotated[str, Query(pattern=_VERSION)]
) -> list[Change]:
    """What this version changes `against` another."""
    return await hub.database.read(
        lambda tx: rule_changes(sourcing_rules.load(tx, against), sourcing_rules.load(tx, version))
    )
