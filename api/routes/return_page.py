"""The buyer's return page: what may come back, a return started, its state. It holds nothing about the person."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection, Row

from api.auth import Support
from api.deps import HubDep, Now
from api.rates import Rates
from api.routes.orders import OrderId
from api.routes.returns import ReturnId
from api.schemas.returns import CandidateOut, OpenedOut, PageIn, PageOut, PageParcel, PageReturn
from api.tracking import RETURNS, order_of, token_of
from db import audit, order_detail, rows
from db.actors import Actor
from db.returns import opening, parcels, queries
from db.returns.rows import REFUNDS, missing, of_order
from domain.money import Money

router = APIRouter(tags=["return page"])

Token = Annotated[str, Path(max_length=200)]
_CALLS = Rates(per_second=1, burst=30)
"""Per page: nobody needs more, and whoever has the address cannot flood the hub."""


@router.get("/r/{token}")
async def show_return_page(token: Token, hub: HubDep, now: Now) -> PageOut:
    """What may come back until when, and what is on its way."""
    order_id = order_of(hub.vault.cipher, token, RETURNS)
    _CALLS.take(order_id)

    def work(tx: Connection) -> PageOut:
        found = CandidateOut.of(queries.candidate(tx, order_detail.row_of(tx, order_id), now))
        shown = [_shown(tx, row, token) for row in of_order(tx, order_id)]
        return PageOut(number=found.number, lines=found.lines, returns=shown)

    return await hub.database.read(work)


@router.post("/r/{token}", status_code=201)
async def start_return(token: Token, wish: PageIn, hub: HubDep, now: Now) -> OpenedOut:
    """Start a return by the policy in force; refused with every reason against it."""
    order_id = order_of(hub.vault.cipher, token, RETURNS)
    _CALLS.take(order_id)
    lines = tuple(line.wanted() for line in wish.lines)
    asked = opening.Wish(lines=lines, method=wish.method, opened_by="buyer", by="buyer")

    def work(tx: Connection) -> str:
        rma = opening.open_return(tx, order_id, asked, now)
        buyer = Actor(name="buyer", role="viewer", origin="return page")
        audit.record(tx, buyer, "return.open", rma, now=now, after={"lines": len(lines), "method": wish.method})
        return rma

    return OpenedOut(return_id=await hub.database.write(work))


@router.get("/r/{token}/labels/{return_id}", status_code=303, response_class=RedirectResponse)
async def fetch_own_label(token: Token, return_id: ReturnId, hub: HubDep) -> RedirectResponse:
    """To the label's document at the carrier: what the buyer sticks on the parcel."""
    order_id = order_of(hub.vault.cipher, token, RETURNS)
    _CALLS.take(order_id)

    def work(tx: Connection) -> str:
        if return_id not in {row.id for row in of_order(tx, order_id)}:
            raise missing(return_id)
        return parcels.label_address(tx, hub.vault, return_id)

    return RedirectResponse(await hub.database.read(work), status_code=303)


@router.get("/orders/{order}/return-page")
async def link_return_page(order: OrderId, hub: HubDep, _caller: Support) -> dict[str, str]:
    """The address of the buyer's page, to be passed on."""
    await hub.database.read(lambda tx: order_detail.row_of(tx, order))
    return {"path": f"/r/{token_of(hub.vault.cipher, order, RETURNS)}"}


def _shown(tx: Connection, row: Row[Any], token: str) -> PageReturn:
    made = rows.find(tx, REFUNDS, "number", return_id=row.id, state="made")
    on_the_way = parcels.in_use(tx, row.id)
    has_label = any(parcel.sealed_document for parcel in on_the_way)
    return PageReturn(
        return_id=row.id, method=row.method, state=row.state, outcome=row.outcome, opened_at=row.opened_at,
        expires_at=row.expires_at,
        refunded=[Money(amount_minor=refund.amount_minor, currency=refund.currency) for refund in made],
        parcels=[PageParcel.model_validate(parcel) for parcel in on_the_way],
        label=f"/r/{token}/labels/{row.id}" if has_label else None,
    )  # fmt: skip
