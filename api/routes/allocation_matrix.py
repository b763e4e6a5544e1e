"""What each channel may show of the stock, was told, and shows."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.auth import Viewer
from api.deps import HubDep, Now
from api.routes.items import Id
from db import allocation_matrix
from db.allocation_matrix import Filter, Line, Only

router = APIRouter(prefix="/inventory/matrix", tags=["availability"])

Text = Annotated[str, Query(max_length=300, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=200)]


class MatrixPage(BaseModel):
    """Items by id; `next` goes on from the last one, null on the last page."""

    lines: list[Line]
    next: str | None


@router.get("")
async def show_matrix(
    hub: HubDep,
    _caller: Viewer,
    now: Now,
    search: Text = "",
    connection: Text = "",
    location: Text = "",
    only: Annotated[Only | None, Query(description="items with a number in this state")] = None,
    after: Text = "",
    limit: Limit = 50,
) -> MatrixPage:
    """Rows are items; on hand and reserved by location; buffer, allocated, published and confirmed by channel."""
    wanted = Filter(only, connection, location)
    page = await hub.database.read(
        lambda tx: allocation_matrix.page(tx, now, search=search, after=after, limit=limit, filter_=wanted)
    )
    return MatrixPage(lines=list(page.lines), next=page.after)


@router.get("/{item}")
async def show_matrix_item(item: Id, hub: HubDep, _caller: Viewer, now: Now) -> Line:
    """One item, with the derivation of every number and the level of the rules that each value comes from."""
    return await hub.database.read(lambda tx: allocation_matrix.one(tx, now, item))
