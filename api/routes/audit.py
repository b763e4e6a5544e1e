"""Who changed what, and whether the record of it is whole."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.auth import Admin
from api.deps import HubDep
from db import audit

router = APIRouter(prefix="/audit", tags=["audit"])

Name = Annotated[str | None, Query(max_length=200)]


class ChangeOut(BaseModel):
    """One change."""

    id: int
    at: datetime
    actor: str
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
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="go on from this id")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[ChangeOut]:
    """Newest first."""
    rows = await hub.database.read(
        lambda tx: list(audit.page(tx, target=target, actor=actor, before_id=before, limit=limit))
    )
    return [ChangeOut.model_validate(row, from_attributes=True) for row in rows]


@router.get("/verify")
async def verify_log(hub: HubDep, _caller: Admin) -> Verdict:
    """Follow the chain of hashes from the first row to the last."""
    rows, broken = await hub.database.read(audit.verify)
    return Verdict(rows=rows, first_broken=broken)
