"""Alerts: what is open, the rules behind it, and what was told to whom."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.expected import Unchanged
from api.rule_changes import Against, ComparedOut, changes_against, rule_changes
from api.schemas.orders import FromRow
from db import alert_rules, alerts, audit, versions
from domain.alerts import AlertRules
from domain.changes import Change

router = APIRouter(prefix="/alerts", tags=["alerts"])

Version = Annotated[str, Path(pattern=r"^[\w.-]{1,64}$")]


class AlertOut(FromRow):
    """An open alert; it is snoozed, assigned and noted as the exception of this id."""

    id: int
    cause: str
    kind: str
    severity: str
    title: str
    remedy: str
    assignee: str
    opened_at: datetime
    snoozed_until: datetime | None


class RulesOut(FromRow):
    """One version; at most one is active."""

    version: str
    active: bool
    created_at: datetime
    created_by: str


class MessageOut(FromRow):
    """One thing told of one alert to one target."""

    key: str
    exception_id: int
    event: str
    target: str
    rule: str
    title: str
    state: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    error: str


@router.get("")
async def list_alerts(
    hub: HubDep,
    _caller: Viewer,
    now: Now,
    snoozed: Annotated[bool, Query(description="those too that are hidden for a while")] = False,
) -> list[AlertOut]:
    """What holds now, the oldest first."""
    rows = await hub.database.read(alerts.open_alerts)
    shown = [row for row in rows if snoozed or row.snoozed_until is None or row.snoozed_until <= now]
    return [AlertOut.model_validate(row) for row in shown]


@router.get("/rules")
async def list_alert_rules(hub: HubDep, _caller: Viewer) -> list[RulesOut]:
    """Every version, the newest first."""
    return [RulesOut.model_validate(row) for row in await hub.database.read(alert_rules.every)]


@router.get("/rules/{version}")
async def show_alert_rules(version: Version, hub: HubDep, _caller: Viewer) -> AlertRules:
    """The rules of one version."""
    return await hub.database.read(lambda tx: alert_rules.load(tx, version))


@router.get("/rules/{version}/diff")
async def diff_alert_rules(
    version: Version, hub: HubDep, _caller: Viewer, against: Annotated[str, Query(pattern=r"^[\w.-]{1,64}$")]
) -> list[Change]:
    """What this version changes `against` another."""
    return await hub.database.read(
        lambda tx: rule_changes(alert_rules.load(tx, against), alert_rules.load(tx, version))
    )


@router.post("/rules/compare")
async def compare_alert_rules(
    rules: AlertRules, hub: HubDep, _caller: Operations, against: Against = None
) -> ComparedOut:
    """What these rules would change `against` a version; nothing is stored."""
    return ComparedOut(changes=await changes_against(hub, alert_rules.load, against, rules))


@router.put("/rules/{version}")
async def put_alert_rules(
    version: Version, rules: AlertRules, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> AlertRules:
    """Put a version in force; alerts that its rules do not raise are cleared."""
    if rules.version != version:
        raise ProblemError(422, "bad_request", f"version: the body says {rules.version!r}, the address {version!r}")

    def work(tx: Connection) -> AlertRules:
        unchanged.check(tx, versions.rules_in_force(alert_rules.RULES, "alert_rules.put"))
        before = alert_rules.put(tx, rules, by=caller.name, now=now)
        if before != rules:
            known = {"version": before.version} if before else None
            audit.record(
                tx, caller, "alert_rules.put", version, now=now, before=known, after={"rules": len(rules.rules)}
            )
        return rules

    return await hub.database.write(work)


@router.get("/messages")
async def list_alert_messages(
    hub: HubDep,
    _caller: Operations,
    state: Literal["new", "sent", "given_up"] | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[MessageOut]:
    """What was told to whom, and what waits to be."""
    rows = await hub.database.read(lambda tx: alerts.messages(tx, state=state or "", limit=limit))
    return [MessageOut.model_validate(row) for row in rows]
