"""Why an order ships from where it ships."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import Row

from api.auth import Viewer
from api.deps import HubDep
from api.routes.orders import OrderId
from db import order_detail
from domain.sourcing import RoutingPlan, SourcingProblem, SourcingRules, sentence, source, why
from runtime.wiring import Hub

router = APIRouter(prefix="/orders", tags=["orders"])


class Rerun(BaseModel):
    """The stored input decided anew; `same_winner` compares parcels and cost."""

    same_winner: bool | None
    plan: RoutingPlan | None
    why_not: str = ""


class DecisionOut(BaseModel):
    """One decision: its input, its result, and in words why each location won or lost."""

    round: int
    decided_at: datetime
    rules_version: str
    solve_ms: int
    problem: dict[str, Any]
    plan: dict[str, Any]
    why: str
    reasons: dict[str, str]
    rerun: Rerun | None = None


@router.get("/{order}/decisions")
async def show_decisions(
    order: OrderId,
    hub: HubDep,
    _caller: Viewer,
    rerun: Annotated[bool, Query(description="decide the stored input again and compare")] = False,
) -> list[DecisionOut]:
    """One decision per round, the first round first."""
    rows = await hub.database.read(lambda tx: order_detail.decisions(tx, order))
    return [await _shown(hub, row, rerun=rerun) for row in rows]


async def _shown(hub: Hub, row: Row[Any], *, rerun: bool) -> DecisionOut:
    plan = RoutingPlan.model_validate(row.plan)
    return DecisionOut(
        **row._asdict(),
        why=why(plan),
        reasons={candidate.location_id: sentence(candidate, plan) for candidate in plan.candidates},
        rerun=await _decided_again(hub, row, plan) if rerun else None,
    )


async def _decided_again(hub: Hub, row: Row[Any], stored: RoutingPlan) -> Rerun:
    body = await hub.database.read(lambda tx: order_detail.rules_of(tx, row.rules_version))
    if body is None:
        return Rerun(same_winner=None, plan=None, why_not=f"the rules {row.rules_version} are not kept any more")
    plan = source(SourcingProblem.model_validate(row.problem), SourcingRules.model_validate(body))
    same = (plan.parcels, plan.shortfalls) == (stored.parcels, stored.shortfalls)
    return Rerun(same_winner=same, plan=plan)
