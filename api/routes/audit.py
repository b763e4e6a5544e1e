"""Who changed what, and whether the record of it is whole."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection

from api.auth import Admin
from api.deps import HubDep
from db import audit
from db.actor_names import Names

router = APIRouter(prefix="/audit", tags=["audit"])

Name = Annotated[str | None, Query(max_length=200)]


class ChangeOut(BaseModel):
    """One change."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    role: str
    origin: str
    action: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Verdict(BaseModel):
    """`first_broken` is the first row that does not follow from the one before; null when all do."""

    rows: int
    first_broken: int | None


@router.get("")
async def list_changes(
    hub: HubDep,
    _caller: Admin,
    target: Name = None,
    actor: Name = None,
    action: Annotated[Name, Query(description="what it begins with, such as `order.`")] = None,
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="go on from this id")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[ChangeOut]:
    """Newest first."""
    wanted = audit.AuditFilter(target=target, actor=actor, action=action, since=since, until=until)

    def work(tx: Connection) -> list[ChangeOut]:
        names = Names(tx, hub.vault)
        rows = list(audit.page(tx, wanted, before_id=before, limit=limit))
        return [ChangeOut(**row._asdict(), actor_name=names[row.actor]) for row in rows]

    return await hub.database.read(work)


@router.get("/verify")
async def verify_log(hub: HubDep, _caller: Admin) -> Verdict:
    """Follow the chain of hashes from the first row to the last."""
    rows, broken = await hub.database.read(audit.verify)
    return Verdict(rows=rows, first_broken=broken)
