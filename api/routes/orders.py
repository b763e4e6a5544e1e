"""Orders: listed, searched, shown whole, and their story."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime
from sqlalchemy import Connection

from api.allowed import actions
from api.auth import Viewer, demand
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.schemas.orders import LinksOut, MomentOut, OrderList, OrderOut, OrderSummary, PersonOut
from api.tracking import token_of
from db import audit, order_detail, order_queries, order_timeline
from db.actor_names import Names
from db.actors import Actor
from db.order_queries import OrderFilter, Sort
from db.persons import person_of
from db.then import order as past_order
from db.vault import ErasedError
from runtime.wiring import Hub
from workflows import names

router = APIRouter(prefix="/orders", tags=["orders"])

OrderId = Annotated[str, Path(max_length=100)]
Word = Annotated[str | None, Query(max_length=200)]
Minor = Annotated[int | None, Query(ge=0, le=2**53, description="in minor units of the shop's currency")]


@router.get("")
async def list_orders(
    hub: HubDep,
    _caller: Viewer,
    state: Word = None,
    connection: Word = None,
    source: Word = None,
    country: Word = None,
    currency: Word = None,
    sku: Word = None,
    tag: Word = None,
    placed_from: Annotated[AwareDatetime | None, Query()] = None,
    placed_to: Annotated[AwareDatetime | None, Query()] = None,
    cause: Annotated[Word, Query(description="held up by the open exception of this cause")] = None,
    location: Annotated[Word, Query(description="asked, now or once, to ship some of it")] = None,
    total_from: Minor = None,
    total_to: Minor = None,
    q: Annotated[
        Word,
        Query(description="a number, an id, a SKU, a tracking number, or the buyer's whole name or e-mail address"),
    ] = None,
    sort: Sort = "-placed_at",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OrderList:
    """Every filter narrows; a page stays right while orders come in."""
    wanted = OrderFilter(
        state=state, connection=connection, source=source, country=country, currency=currency, sku=sku,
        tag=tag, placed_from=placed_from, placed_to=placed_to, cause=cause, location=location,
        total_from=total_from, total_to=total_to, q=q,
        email_index=hub.vault.index(q) if q and "@" in q else None, name_index=hub.vault.name_index(q or ""),
    )  # fmt: skip
    page = await hub.database.read(lambda tx: order_queries.page(tx, wanted, sort=sort, cursor=cursor, limit=limit))
    return OrderList(orders=[OrderSummary.model_validate(row) for row in page.rows], next=page.cursor)


@router.get("/{order}")
async def show_order(
    order: OrderId,
    hub: HubDep,
    caller: Viewer,
    now: Now,
    person: Annotated[bool, Query(description="buyer and address too: support and above, and it is recorded")] = False,
    at: Annotated[AwareDatetime | None, Query(description="as the hub knew it then: to be looked at only")] = None,
) -> OrderOut:
    """Everything that the hub knows, and what may be done next; or all that it knew at an earlier instant."""
    if at is not None and at < now:
        if person:
            raise ProblemError(422, "bad_request", "person: it is shown as of now only; leave out either it or at")
        then = await hub.database.read(lambda tx: past_order.read(tx, order, at))
        return OrderOut.of(then.detail, actions=[], person=None, links=_links(hub, order), at=at, lost=then.lost)
    detail = await hub.database.read(lambda tx: order_detail.read(tx, order))
    return OrderOut.of(
        detail,
        actions=actions(detail.now, caller),
        person=await _person(hub, order, caller, now) if person else None,
        links=_links(hub, order),
    )


@router.get("/{order}/timeline")
async def show_timeline(
    order: OrderId,
    hub: HubDep,
    _caller: Viewer,
    as_of: Annotated[AwareDatetime | None, Query(description="only what the hub knew at that moment")] = None,
) -> list[MomentOut]:
    """Facts, decisions, effects, money, exceptions and what people did, oldest first."""

    def work(tx: Connection) -> list[MomentOut]:
        names = Names(tx, hub.vault)
        moments = order_timeline.read(tx, order, as_of=as_of)
        return [MomentOut(**moment._asdict(), by_name=names[moment.by]) for moment in moments]

    return await hub.database.read(work)


async def _person(hub: Hub, order_id: str, caller: Actor, now: datetime) -> PersonOut:
    demand(caller, "support")
    await hub.database.write(lambda tx: audit.record(tx, caller, "order.read_person", order_id, now=now))
    try:
        found = await hub.database.read(lambda tx: person_of(tx, hub.vault, order_id))
    except ErasedError:
        return PersonOut(erased=True)
    return PersonOut(buyer=found.buyer, ship_to=found.ship_to)


def _links(hub: Hub, order_id: str) -> LinksOut:
    run = quote(names.order_routing(order_id), safe="")
    return LinksOut(
        tracking_page=f"/t/{token_of(hub.vault.cipher, order_id)}",
        temporal_run=f"{hub.settings.temporal_ui_address}/namespaces/default/workflows/{run}",
    )
