"""The task list of a shop: what its staff have to do, and the steps they take."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from sqlalchemy import Connection, Row

from api.auth import Support
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.routes.locations import Id
from api.schemas.store import AnswerIn, RejectIn, ShipIn, StepOut, TaskLine, TaskOut
from db import audit, locations, tasks
from db.actors import Actor
from domain.fulfillment import ReportedLine, ReportedShipment, ReportKind
from domain.store_task import Step, allowed_steps, bucket_of

router = APIRouter(prefix="/store", tags=["store"])

Task = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/{location}/tasks")
async def list_tasks(location: Id, hub: HubDep, _caller: Support) -> list[TaskOut]:
    """Everything that is open at a location, the most urgent first."""

    def work(tx: Connection) -> list[TaskOut]:
        locations.load(tx, location)
        rows = tasks.open_tasks(tx, location)
        lines: dict[str, list[TaskLine]] = defaultdict(list)
        for line in tasks.lines_of(tx, [row.id for row in rows]):
            lines[line.fulfillment_order_id].append(TaskLine.model_validate(line._asdict()))
        return [_task(row, lines[row.id]) for row in rows]

    return await hub.database.read(work)


@router.post("/tasks/{task}/accept")
async def accept(task: Task, hub: HubDep, caller: Support, now: Now) -> StepOut:
    """We will do it."""
    return await _take(hub, caller, now, task, "accept", "accepted")


@router.post("/tasks/{task}/reject")
async def reject(task: Task, wish: RejectIn, hub: HubDep, caller: Support, now: Now) -> StepOut:
    """We cannot do it: the order goes to another location."""
    return await _take(hub, caller, now, task, "reject", "rejected", reason=wish.reason)


@router.post("/tasks/{task}/pick")
async def pick(task: Task, hub: HubDep, caller: Support, now: Now) -> StepOut:
    """The goods are off the shelf."""
    return await _take(hub, caller, now, task, "pick", "picked")


@router.post("/tasks/{task}/ready")
async def make_ready(task: Task, hub: HubDep, caller: Support, now: Now) -> StepOut:
    """The buyer can come and collect it."""
    return await _take(hub, caller, now, task, "ready", "ready")


@router.post("/tasks/{task}/collect")
async def collect(task: Task, hub: HubDep, caller: Support, now: Now) -> StepOut:
    """The buyer has it."""
    return await _take(hub, caller, now, task, "collect", "collected")


@router.post("/tasks/{task}/ship")
async def ship(task: Task, wish: ShipIn, hub: HubDep, caller: Support, now: Now) -> StepOut:
    """A parcel left; the same tracking number twice is one parcel."""
    lines = tuple(ReportedLine(line_id=part.line_id, quantity=part.quantity) for part in wish.lines)
    parcel = ReportedShipment(
        external_id=wish.tracking_number, shipped_at=now, lines=lines, **wish.model_dump(exclude={"lines"})
    )
    return await _take(hub, caller, now, task, "ship", "shipped", parcel=parcel)


@router.post("/tasks/{task}/cancel-answer")
async def answer_cancel(task: Task, wish: AnswerIn, hub: HubDep, caller: Support, now: Now) -> StepOut:
    """Give the goods back to the shelf, or say that it is too late."""
    kind: ReportKind = "canceled" if wish.answer == "confirm" else "cancel_refused"
    return await _take(hub, caller, now, task, "answer_recall", kind)


async def _take(
    hub: HubDep, caller: Actor, now: datetime, task: str, step: Step, kind: ReportKind, *,
    reason: str = "", parcel: ReportedShipment | None = None,
) -> StepOut:  # fmt: skip
    def work(tx: Connection) -> Row[Any]:
        before = tasks.load(tx, task)
        _check_parcel(tx, task, parcel)
        row = tasks.take_step(tx, task, step, kind, now=now, reason=reason, parcel=parcel)
        after = {"state": row.state, "reason": reason, "parcel": parcel.external_id if parcel else ""}
        audit.record(tx, caller, f"store.{step}", task, now=now, before={"state": before.state}, after=after)
        return row

    row = await hub.database.write(work)
    allowed = allowed_steps(row.state, row.recall, is_pickup=row.is_pickup)
    return StepOut(fulfillment_order_id=row.id, state=row.state, allowed=list(allowed))


def _check_parcel(tx: Connection, task: str, parcel: ReportedShipment | None) -> None:
    """Staff name lines that they see; a typing error is refused before it becomes a fact."""
    known = {line.line_id for line in tasks.lines_of(tx, [task])} if parcel and parcel.lines else set()
    for part in parcel.lines if parcel else ():
        if part.line_id not in known:
            raise ProblemError(422, "bad_request", f"lines: {task} has no line {part.line_id!r}")


def _task(row: Row[Any], lines: list[TaskLine]) -> TaskOut:
    return TaskOut(
        fulfillment_order_id=row.id,
        order_number=row.order_number,
        state=row.state,
        heading=bucket_of(row.state, row.recall, is_pickup=row.is_pickup),
        allowed=list(allowed_steps(row.state, row.recall, is_pickup=row.is_pickup)),
        is_pickup=row.is_pickup,
        service=row.service,
        ship_on=row.ship_on,
        due_at=row.due_at,
        lines=lines,
    )
