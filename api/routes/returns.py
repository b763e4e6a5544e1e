"""Returns: opened, checked, looked up at a counter, listed and shown; why and how much comes back."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from api.allowed_returns import return_actions
from api.auth import Support, Viewer, demand
from api.deps import HubDep, Now
from api.schemas.returns import (
    CandidateOut,
    CheckIn,
    CheckOut,
    OpenedOut,
    RateOut,
    ReasonOut,
    ReturnIn,
    ReturnOut,
    ReturnSummary,
)
from db import audit, locations
from db.actors import Actor
from db.returns import opening, parcels, queries, reports
from runtime.wiring import Hub
from workflows.names import return_handling

router = APIRouter(prefix="/returns", tags=["returns"])

ReturnId = Annotated[str, Path(max_length=120)]
Word = Annotated[str | None, Query(max_length=200)]


@router.post("", status_code=201)
async def open_return(wish: ReturnIn, hub: HubDep, caller: Support, now: Now) -> OpenedOut:
    """Let goods come back. What the policy refuses needs an `override` with its reason, and the role for it."""
    if wish.override:
        demand(caller, "operations")
    asked = opening.Wish(
        lines=tuple(line.wanted() for line in wish.lines), method=wish.method, opened_by="api", by=caller.name,
        resolution=wish.resolution, location_id=wish.location_id, override=wish.override,
        exchange=tuple((line.sku, line.quantity, line.unit_price_minor) for line in wish.exchange),
    )  # fmt: skip

    def work(tx: Connection) -> str:
        if wish.location_id:
            locations.load(tx, wish.location_id)
        rma = opening.open_return(tx, wish.order_id, asked, now)
        after = {"lines": len(wish.lines), "method": wish.method, "override": wish.override}
        audit.record(tx, caller, "return.open", rma, now=now, after=after)
        return rma

    return OpenedOut(return_id=await hub.database.write(work))


@router.post("/check")
async def check_return(wish: CheckIn, hub: HubDep, _caller: Viewer, now: Now) -> CheckOut:
    """What may come back, and why not the rest; changes nothing."""
    wanted = [line.wanted() for line in wish.lines]
    found = await hub.database.read(lambda tx: opening.verdicts(tx, wish.order_id, wanted, now))
    return CheckOut(verdicts=list(found))


@router.get("/lookup")
async def look_up_order(
    q: Annotated[str, Query(min_length=1, max_length=200, description="order number, receipt code or e-mail address")],
    hub: HubDep, _caller: Support, now: Now,
) -> list[CandidateOut]:  # fmt: skip
    """Any channel's order, for a counter at which somebody stands with the goods."""
    index = hub.vault.index(q) if "@" in q else None
    found = await hub.database.read(lambda tx: queries.look_up(tx, q, index, now))
    return [CandidateOut.of(each) for each in found]


@router.get("/reasons")
async def count_reasons(hub: HubDep, _caller: Viewer) -> list[ReasonOut]:
    """Units by SKU, channel and reason, the most frequent first."""
    return [ReasonOut(**each._asdict()) for each in await hub.database.read(reports.reasons)]


@router.get("/rates")
async def count_rates(hub: HubDep, _caller: Viewer) -> list[RateOut]:
    """What comes back of what was shipped, by channel."""
    return [RateOut(**each._asdict(), rate=each.rate) for each in await hub.database.read(reports.rates)]


@router.get("")
async def list_returns(
    hub: HubDep, _caller: Viewer, state: Word = None, order: Word = None, connection: Word = None, location: Word = None,
    after: Annotated[Word, Query(description="the last return of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[ReturnSummary]:  # fmt: skip
    """The newest first."""
    wanted = {"state": state, "order_id": order, "connection_id": connection, "location_id": location}
    rows = await hub.database.read(lambda tx: queries.page(tx, wanted=wanted, after=after, limit=limit))
    return [ReturnSummary.model_validate(row) for row in rows]


@router.get("/{return_id}")
async def show_return(return_id: ReturnId, hub: HubDep, caller: Viewer) -> ReturnOut:
    """Lines, both ledgers, what the outside was asked, and what may be done now."""
    return await hub.database.read(lambda tx: whole(tx, hub, return_id, caller))


@router.get("/{return_id}/label", status_code=303, response_class=RedirectResponse)
async def fetch_label(return_id: ReturnId, hub: HubDep, caller: Support, now: Now) -> RedirectResponse:
    """To the label's document at the carrier, which names the buyer: it is noted who looked."""

    def work(tx: Connection) -> str:
        address = parcels.label_address(tx, hub.vault, return_id)
        audit.record(tx, caller, "return.read_label", return_id, now=now)
        return address

    return RedirectResponse(await hub.database.write(work), status_code=303)


def whole(tx: Connection, hub: Hub, return_id: str, caller: Actor) -> ReturnOut:
    """The return as this caller may deal with it."""
    detail = queries.read(tx, return_id)
    run = quote(return_handling(return_id), safe="")
    shown = ReturnOut.of(detail, queries.shares_of(tx, detail.row.order_id))
    shown.actions = return_actions(detail.now, caller)
    shown.temporal_run = f"{hub.settings.temporal_ui_address}/namespaces/default/workflows/{run}"
    return shown
