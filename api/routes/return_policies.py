"""Return policies by version: looked at, checked, put in force; what holds for a line and why."""

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
from api.schemas.returns import EffectiveOut
from db import audit, versions
from db.returns import policies
from db.returns.rows import POLICIES
from domain.changes import Change
from domain.returns.effective import effective
from domain.returns.lint import Finding, lint
from domain.returns.policy import ReturnPolicy, Subject

router = APIRouter(prefix="/return-policies", tags=["return policies"])

Version = Annotated[str, Path(pattern=r"^[\w.-]{1,64}$")]
Scope = Annotated[str, Query(max_length=200)]


class PolicyVersionOut(FromRow):
    """One version; at most one is active."""

    version: str
    active: bool
    created_at: datetime
    created_by: str


class PolicyStoredOut(BaseModel):
    """A version that is stored, and what looks wrong about it."""

    version: str
    is_new: bool
    findings: list[Finding]


@router.get("")
async def list_policies(hub: HubDep, _caller: Viewer) -> list[PolicyVersionOut]:
    """Every version, the newest first."""
    return [PolicyVersionOut.model_validate(row) for row in await hub.database.read(policies.every)]


@router.get("/effective", responses={404: {"description": "There is no such version"}})
async def show_effective(
    hub: HubDep, _caller: Viewer, market: Scope = "", channel: Scope = "", category: Scope = "", sku: Scope = "",
    version: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="another than the one in force")] = None,
) -> EffectiveOut:  # fmt: skip
    """Every value for such a line, and which rule says so."""
    policy = await hub.database.read(lambda tx: policies.load(tx, version) if version else policies.active(tx))
    found = effective(policy, Subject(market=market, channel=channel, category=category, sku=sku))
    return EffectiveOut(version=policy.version, terms=found.terms, why=found.why)


@router.get("/{version}")
async def show_policy(version: Version, hub: HubDep, _caller: Viewer) -> ReturnPolicy:
    """The rules of one version."""
    return await hub.database.read(lambda tx: policies.load(tx, version))


@router.get("/{version}/lint")
async def lint_policy(version: Version, hub: HubDep, _caller: Viewer) -> list[Finding]:
    """Gaps, contradictions and rules that decide nothing, each with an example."""
    return list(lint(await hub.database.read(lambda tx: policies.load(tx, version))))


@router.post("/compare")
async def compare_policy(
    policy: ReturnPolicy, hub: HubDep, _caller: Operations, against: Against = None
) -> ComparedOut:
    """What this policy would change `against` a version; nothing is stored."""
    return ComparedOut(
        changes=await changes_against(hub, policies.load, against, policy),
        warnings=[found.text for found in lint(policy)],
    )


@router.put("/{version}")
async def put_policy(
    version: Version, policy: ReturnPolicy, hub: HubDep, caller: Operations, now: Now
) -> PolicyStoredOut:
    """Store a version; it is not in force before it is activated, and never changes."""
    if policy.version != version:
        raise ProblemError(422, "bad_request", f"version: the body says {policy.version!r}, the address {version!r}")

    def work(tx: Connection) -> bool:
        is_new = policies.add(tx, policy, by=caller.name, now=now)
        if is_new:
            audit.record(tx, caller, "return_policy.put", version, now=now, after={"rules": len(policy.rules)})
        return is_new

    return PolicyStoredOut(version=version, is_new=await hub.database.write(work), findings=list(lint(policy)))


@router.post("/{version}/activate")
async def activate_policy(
    version: Version, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> list[PolicyVersionOut]:
    """Open returns by this version from now on; those that are open keep their terms."""

    def work(tx: Connection) -> list[PolicyVersionOut]:
        unchanged.check(tx, versions.rules_in_force(POLICIES, "return_policy.activate"))
        before = policies.activate(tx, version)
        if before != version:
            known, after = {"version": before}, {"version": version}
            audit.record(tx, caller, "return_policy.activate", version, now=now, before=known, after=after)
        return [PolicyVersionOut.model_validate(row) for row in policies.every(tx)]

    return await hub.database.write(work)


@router.get("/{version}/diff")
async def diff_policies(
    version: Version, hub: HubDep, _caller: Viewer, against: Annotated[str, Query(pattern=r"^[\w.-]{1,64}$")]
) -> list[Change]:
    """What this version changes `against` another."""
    return await hub.database.read(lambda tx: rule_changes(policies.load(tx, against), policies.load(tx, version)))
