"""A launch as a board of products and channels, and the gates over products before a launch of them is made."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from api.auth import Viewer
from api.deps import HubDep
from api.routes.launches import LaunchId
from api.schemas.launch_board import BoardLine, BoardOut, CellOut, LaunchCheckIn, LaunchCheckOut
from api.schemas.launches import FindingLine
from db import launch_board
from db.launch_board import Only
from domain.catalog.findings import waiver_role
from runtime.product_check import checked

router = APIRouter(prefix="/launches", tags=["launches"])


@router.get("/{launch}/board")
async def show_board(
    launch: LaunchId,
    hub: HubDep,
    _caller: Viewer,
    search: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "",
    only: Only | None = None,
    after: Annotated[int, Query(ge=-1, description="`next` of the page before")] = -1,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> BoardOut:
    """Each product with the step that it has come to on every channel."""

    def work(tx: Connection) -> BoardOut:
        rows = launch_board.board(tx, launch, search=search, only=only, after=after, limit=limit + 1)
        lines = [
            BoardLine(
                product_id=row.product_id,
                title=row.title,
                listings=[CellOut.model_validate(one) for one in row.listings],
            )
            for row in rows[:limit]
        ]
        return BoardOut(products=lines, next=rows[limit - 1].position if len(rows) > limit else None)

    return await hub.database.read(work)


@router.post("/check")
async def check_launch(wish: LaunchCheckIn, hub: HubDep, _caller: Viewer) -> LaunchCheckOut:
    """What the gates find now, before anything is made or written; stock is looked at when the launch is made."""
    found = [
        FindingLine(product=product, waiver_role=waiver_role(finding.gate), **finding.model_dump())
        for product in wish.products
        for channel in wish.channels
        for finding in (await checked(hub, product, channel)).findings
    ]
    found.sort(key=lambda one: one.severity != "blocking" or bool(one.waived_by))
    return LaunchCheckOut(checked=len(wish.products) * len(wish.channels), findings=found)
