"""What needs a person, grouped by its cause."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection

from api.auth import Operations, Support, Viewer
from api.deps import HubDep, Now, RunnerDep
from api.expected import Unchanged
from api.routes.bulk import JobOut
from api.schemas.actions import RetryIn
from api.schemas.orders import FromRow, OrderSummary
from api.schemas.text import Prose, Strict, Word
from db import audit, bulk, exception_desk, versions
from db.actor_names import Names
from db.bulk import Action, Target
from db.exception_desk import DeskFilter, Group
from domain.money import Money

router = APIRouter(prefix="/exceptions", tags=["exceptions"])

ExceptionId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str | None, Query(max_length=200)]


class ExceptionOut(FromRow):
    """One cause: how many orders it holds up, what they are worth, since when, and what to do."""

    id: int
    cause: str
    kind: str
    severity: str
    title: str
    remedy: str
    connection_id: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str
    assignee: str
    snoozed_until: datetime | None
    orders: int = 0
    value_at_risk: list[Money] = Field(default_factory=list)
    age_seconds: int = 0


class NoteOut(FromRow):
    """What somebody wrote."""

    author: str
    author_name: str = ""
    text: str
    at: datetime


class ExceptionDetail(ExceptionOut):
    """With its notes and a page of its orders; `next` goes on from the last of them."""

    version: str
    notes: list[NoteOut]
    affected: list[OrderSummary]
    next: str | None


class AssignIn(Strict):
    """Whose it is; empty: nobody's."""

    assignee: Word


class SnoozeIn(Strict):
    """Until when it is hidden; null wakes it."""

    until: AwareDatetime | None


class NoteIn(Strict):
    """What was found or done; no personal data."""

    text: Prose


class StartedOut(BaseModel):
    """The orders are worked on as this bulk job; null when there was no order to work on."""

    job: JobOut | None = Field(default=None)


@router.get("")
async def list_exceptions(
    hub: HubDep,
    _caller: Viewer,
    now: Now,
    state: Literal["open", "closed"] = "open",
    kind: Text = None,
    severity: Literal["info", "warning", "critical"] | None = None,
    assignee: Text = None,
    connection: Text = None,
    snoozed: Annotated[bool, Query(description="those too that are hidden for a while")] = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ExceptionOut]:
    """The gravest first, then the oldest."""
    wanted = DeskFilter(
        state=state, kind=kind, severity=severity, assignee=assignee, connection=connection, snoozed=snoozed
    )
    found = await hub.database.read(lambda tx: exception_desk.groups(tx, wanted, now, limit=limit))
    return [_shown(group, now) for group in found]


@router.get("/{exception}")
async def show_exception(
    exception: ExceptionId,
    hub: HubDep,
    _caller: Viewer,
    now: Now,
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ExceptionDetail:
    """One exception with its orders, page by page."""

    def work(tx: Connection) -> ExceptionDetail:
        group, notes = exception_desk.read(tx, exception)
        rows = exception_desk.orders(tx, exception, after=after, limit=limit + 1)
        names = Names(tx, hub.vault)
        said = (NoteOut.model_validate(note) for note in notes)
        return ExceptionDetail(
            **_shown(group, now).model_dump(),
            version=_thing(exception).version(tx),
            notes=[note.model_copy(update={"author_name": names[note.author]}) for note in said],
            affected=[OrderSummary.model_validate(row) for row in rows[:limit]],
            next=rows[limit - 1].id if len(rows) > limit else None,
        )

    return await hub.database.read(work)


@router.post("/{exception}/assign", status_code=204)
async def assign_exception(
    exception: ExceptionId, wish: AssignIn, hub: HubDep, caller: Support, now: Now, unchanged: Unchanged
) -> None:
    """Say whose it is."""

    def work(tx: Connection) -> None:
        unchanged.check(tx, _thing(exception))
        exception_desk.assign(tx, exception, wish.assignee, by=caller, now=now)

    await hub.database.write(work)


@router.post("/{exception}/snooze", status_code=204)
async def snooze_exception(
    exception: ExceptionId, wish: SnoozeIn, hub: HubDep, caller: Support, now: Now, unchanged: Unchanged
) -> None:
    """Hide it for a while."""

    def work(tx: Connection) -> None:
        unchanged.check(tx, _thing(exception))
        exception_desk.snooze(tx, exception, wish.until, by=caller, now=now)

    await hub.database.write(work)


@router.post("/{exception}/note", status_code=204)
async def add_note(exception: ExceptionId, wish: NoteIn, hub: HubDep, caller: Support, now: Now) -> None:
    """Write down what was found or done."""
    await hub.database.write(lambda tx: exception_desk.note(tx, exception, wish.text, by=caller, now=now))


@router.post("/{exception}/resolve", status_code=202)
async def resolve_exception(
    exception: ExceptionId, hub: HubDep, runner: RunnerDep, caller: Support, now: Now, unchanged: Unchanged
) -> StartedOut:
    """Say that it is dealt with. A cause that still blocks its orders must be mended instead; it then closes by itself."""

    def work(tx: Connection) -> str | None:
        unchanged.check(tx, _thing(exception))
        cause, held = exception_desk.held_up(tx, exception)
        if held:
            audit.record(tx, caller, "exception.resolve", f"exception:{exception}", now=now)
            orders = [Target(each.order_id) for each in held]
            return bulk.create(tx, Action("acknowledge", cause), orders, by=caller, now=now)
        exception_desk.close_empty(tx, exception, by=caller, now=now)
        return None

    return await _start(hub, runner, await hub.database.write(work))


@router.post("/{exception}/resume", status_code=202)
async def resume_orders(
    exception: ExceptionId,
    wish: RetryIn,
    hub: HubDep,
    runner: RunnerDep,
    caller: Operations,
    now: Now,
    unchanged: Unchanged,
) -> StartedOut:
    """Have every order and return that it holds up go on, in one of the three ways of a retry; both other ways are one for a return."""

    def work(tx: Connection) -> str:
        unchanged.check(tx, _thing(exception))
        _, held = exception_desk.held_up(tx, exception)
        audit.record(tx, caller, "exception.resume", f"exception:{exception}", now=now, after={"how": wish.how})
        return bulk.create(tx, Action("retry", wish.how), held, by=caller, now=now)

    return await _start(hub, runner, await hub.database.write(work))


async def _start(hub: HubDep, runner: RunnerDep, job_id: str | None) -> StartedOut:
    if job_id is None:
        return StartedOut()
    runner.start(job_id)
    return StartedOut(job=JobOut.of(await hub.database.read(lambda tx: bulk.read(tx, job_id))))


def _thing(exception_id: int) -> versions.Thing:
    return versions.audited(f"exception:{exception_id}", "exception.")


def _shown(group: Group, now: datetime) -> ExceptionOut:
    shown = ExceptionOut.model_validate(group.row)
    age = int(((shown.closed_at or now) - shown.opened_at).total_seconds())
    return shown.model_copy(update={"orders": group.orders, "value_at_risk": group.value, "age_seconds": age})
