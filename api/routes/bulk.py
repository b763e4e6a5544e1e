"""One action over many orders: tried first, then done, with a result for each."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from sqlalchemy import Row

from api.auth import Operations, Viewer
from api.deps import HubDep, Now, RunnerDep
from api.errors import ProblemError
from api.schemas.actions import HoldReason, PreviewOut, Reason
from api.schemas.text import Name, Strict
from db import bulk, order_queries
from db.bulk import Action, Target
from db.commands import How
from db.order_queries import OrderFilter
from runtime.wiring import Hub

router = APIRouter(prefix="/bulk", tags=["bulk"])

MOST = 1000
"""Orders of one job; more are several jobs, each of which a person can look through."""


class FilterIn(Strict):
    """Orders as `GET /orders` filters them."""

    state: Name | None = None
    connection: Name | None = None
    source: Name | None = None
    country: Name | None = None
    currency: Name | None = None
    sku: Name | None = None
    tag: Name | None = None
    placed_from: AwareDatetime | None = None
    placed_to: AwareDatetime | None = None
    cause: Name | None = None
    location: Name | None = None
    total_from: Annotated[int | None, Field(ge=0, le=2**53)] = None
    total_to: Annotated[int | None, Field(ge=0, le=2**53)] = None


class BulkIn(Strict):
    """Which orders, by id or by filter; `reason` goes with a cancel, `how` with a retry, `hold` with a hold."""

    orders: list[Name] | None = Field(default=None, min_length=1, max_length=MOST)
    filter: FilterIn | None = None
    reason: Reason = "other"
    how: How = "continue"
    hold: HoldReason = "review"

    @model_validator(mode="after")
    def _one_selection(self) -> Self:
        if (self.orders is None) == (self.filter is None):
            raise ValueError("send either orders or filter")
        if self.filter is not None and not self.filter.model_dump(exclude_none=True):
            raise ValueError("an empty filter means every order; name at least one field")
        return self


class BulkPreview(BaseModel):
    """What would happen to each order; nothing has."""

    allowed: int
    refused: dict[str, int]
    items: list[PreviewOut]
    numbers: dict[str, str] = Field(description="the orders' numbers by id")


class ItemOut(BaseModel):
    """What became of one order, or of one of its returns."""

    order_id: str
    return_id: str = ""
    state: Literal["pending", "done", "refused"]
    seq: int | None = None
    code: str = ""
    detail: str = ""


class JobOut(BaseModel):
    """A job with its results so far."""

    id: str
    action: str
    actor: str
    created_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]
    items: list[ItemOut]
    numbers: dict[str, str] = Field(default={}, description="the orders' numbers by id")

    @classmethod
    def of(cls, row: Row[Any], numbers: Mapping[str, str] | None = None) -> Self:
        """From the row of the job."""
        counts = Counter(item["state"] for item in row.items)
        return cls.model_validate({**row._asdict(), "counts": dict(counts), "numbers": numbers or {}})


@router.post(
    "/{action}",
    status_code=202,
    responses={200: {"model": BulkPreview, "description": "What would happen; nothing has"}},
)
async def start_bulk(
    action: Literal["cancel", "re-route", "retry", "hold", "release"],
    wish: BulkIn,
    hub: HubDep,
    runner: RunnerDep,
    caller: Operations,
    now: Now,
    response: Response,
    preview: Annotated[bool, Query(description="say what would happen, and change nothing")] = False,
) -> JobOut | BulkPreview:
    """Preview first; the job then runs in the background, and an order that refuses stops no other."""
    order_ids = await _selected(hub, wish)
    what = Action(action, {"cancel": wish.reason, "retry": wish.how, "hold": wish.hold}.get(action, ""))
    if preview:
        response.status_code = 200
        return await _previewed(hub, what, order_ids, by=caller.name, now=now)
    job_id = await hub.database.write(lambda tx: bulk.create(tx, what, map(Target, order_ids), by=caller, now=now))
    runner.start(job_id)
    return JobOut.of(await hub.database.read(lambda tx: bulk.read(tx, job_id)))


@router.get("/{job}")
async def show_job(job: Annotated[str, Path(max_length=64)], hub: HubDep, _caller: Viewer) -> JobOut:
    """The results so far."""
    row = await hub.database.read(lambda tx: bulk.read(tx, job))
    return JobOut.of(row, await _numbers(hub, [item["order_id"] for item in row.items]))


async def _numbers(hub: Hub, order_ids: list[str]) -> dict[str, str]:
    return await hub.database.read(lambda tx: order_queries.numbers(tx, order_ids))


async def _selected(hub: Hub, wish: BulkIn) -> list[str]:
    if wish.filter is None:
        return list(wish.orders or [])
    wanted = OrderFilter(**wish.filter.model_dump())
    found = await hub.database.read(lambda tx: order_queries.ids(tx, wanted, limit=MOST + 1))
    if len(found) > MOST:
        raise ProblemError(422, "too_many_orders", f"the filter selects more than {MOST} orders; narrow it")
    return found


async def _previewed(hub: Hub, what: Action, order_ids: list[str], *, by: str, now: datetime) -> BulkPreview:
    """A few orders per transaction, as the job itself would do it."""
    tried = []
    for start in range(0, len(order_ids), bulk.AT_ONCE):
        some = order_ids[start : start + bulk.AT_ONCE]
        tried += await hub.database.write(partial(bulk.previews, action=what, order_ids=some, by=by, now=now))
    refused = Counter(preview.code for preview in tried if preview.code)
    return BulkPreview(
        allowed=len(tried) - refused.total(), refused=dict(refused), items=[PreviewOut.of(preview) for preview in tried],
        numbers=await _numbers(hub, order_ids),
    )  # fmt: skip
