"""Launches: made, watched, decided."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import EngineDep, HubDep, Now
from api.expected import Expected, Unchanged
from api.schemas.launches import (
    ApproveIn,
    ChannelIn,
    EventOut,
    FindingLine,
    LaunchChannelOut,
    LaunchIn,
    LaunchLine,
    LaunchOut,
    LaunchPage,
    LeakOut,
    ListingLine,
    ListingPage,
    MoveIn,
    RehearseIn,
    ReservedOut,
)
from db import launch_board, launch_queries, launch_stock, launches, versions
from db.actor_names import Names
from db.actors import Actor
from db.launch_reading import approvals_of, channels_of, content_of, load, row_of
from domain.catalog.findings import waiver_role
from domain.launch.actions import allowed
from domain.launch.approval import Approval, check_approval, check_content
from domain.launch.plan import LaunchPlan, LaunchPolicy
from domain.launch.standing import standing
from workflows.names import product_launch

router = APIRouter(prefix="/launches", tags=["launches"])
LaunchId = Annotated[str, Path(alias="launch", max_length=64)]


@router.get("")
async def list_launches(
    hub: HubDep,
    _caller: Viewer,
    now: Now,
    open_only: Annotated[bool, Query(alias="open", description="only those that are not over")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=64, description="`next` of the page before")] = None,
) -> LaunchPage:
    """The latest moment first."""

    def work(tx: Connection) -> LaunchPage:
        found = launch_queries.every(tx, open_only=open_only, after=cursor, limit=limit + 1)
        rows, more = found[:limit], len(found) > limit
        short = launch_board.in_short(tx, [row.id for row in rows])
        lines = [
            LaunchLine.model_validate(
                row._asdict() | short[row.id]._asdict() | {"stage": standing(load(tx, row.id), now).stage}
            )
            for row in rows
        ]
        return LaunchPage(launches=lines, next=rows[-1].id if more else None)

    return await hub.database.read(work)


@router.post("", status_code=201)
async def create_launch(wish: LaunchIn, hub: HubDep, caller: Operations, now: Now) -> LaunchOut:
    """Make a launch: its products are held, and it is staged at once; nothing is public before its moment."""

    def work(tx: Connection) -> LaunchOut:
        launches.create(tx, wish.id, wish.plan(), by=caller, now=now)
        return shown(tx, hub, wish.id, now, caller)

    return await hub.database.write(work)


@router.get("/{launch}")
async def show_launch(launch: LaunchId, hub: HubDep, caller: Viewer, now: Now) -> LaunchOut:
    """Where it stands, by channel; its skew, leaks and facts."""
    return await hub.database.read(lambda tx: shown(tx, hub, launch, now, caller))


@router.get("/{launch}/listings")
async def list_launch_listings(
    launch: LaunchId,
    hub: HubDep,
    _caller: Viewer,
    channel: Annotated[str | None, Query(max_length=200)] = None,
    state: Annotated[str | None, Query(max_length=20)] = None,
    after: Annotated[str | None, Query(max_length=300, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ListingPage:
    """Progress by product and channel."""
    place = after.partition("|") if after else None

    def work(tx: Connection) -> ListingPage:
        rows = launch_queries.listings(
            tx, launch, channel=channel, state=state, after=(place[0], place[2]) if place else None, limit=limit + 1
        )
        page = [ListingLine.model_validate(row) for row in rows[:limit]]
        more = f"{page[-1].connection_id}|{page[-1].product_id}" if len(rows) > limit else None
        return ListingPage(listings=page, next=more)

    return await hub.database.read(work)


@router.get("/{launch}/findings")
async def list_launch_findings(launch: LaunchId, hub: HubDep, _caller: Viewer) -> list[FindingLine]:
    """What stands against it: field, channel and remedy; what stops a product comes first."""

    def work(tx: Connection) -> list[FindingLine]:
        facts = load(tx, launch)
        held = launch_queries.held_back(tx, facts.held_by_connection if facts.outcome is None else ())
        return [_held_back(name, why) for name, why in held] + [
            FindingLine(product=product, waiver_role=waiver_role(found["gate"]), **found)
            for product, found in launch_queries.findings(tx, launch)
        ]

    return await hub.database.read(work)


@router.post("/{launch}/approve")
async def approve_launch(
    launch: LaunchId,
    hub: HubDep,
    engine: EngineDep,
    caller: Operations,
    now: Now,
    unchanged: Unchanged,
    wish: ApproveIn | None = None,
) -> LaunchOut:
    """Say yes to what is staged; whoever made the launch cannot, and it needs the role operations.

    The yes holds for the content with this digest alone: what is staged otherwise after it must be approved again.
    """
    yes = Approval(actor=caller.name, role=caller.role, origin=caller.origin, content=wish.content if wish else "")

    def looked_at(tx: Connection) -> str:
        row = row_of(tx, launch)
        unchanged.check(tx, versions.launch(launch))
        content, approved = content_of(tx, launch), approvals_of(tx, launch)[0]
        check_approval(yes, row.created_by, approved, is_decided=launches.is_decided(row))
        check_content(yes, content)
        return content

    content = await hub.database.write(looked_at)
    named = yes.model_copy(update={"content": content})
    await engine.update(
        product_launch(launch), "approve", named, update_id=f"approve:{content}:{caller.name}:{now.timestamp()}"
    )
    return await hub.database.read(lambda tx: shown(tx, hub, launch, now, caller))


@router.post("/{launch}/pause")
async def pause_launch(launch: LaunchId, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged) -> LaunchOut:
    """Nothing goes live until it is resumed."""
    return await _do(hub, launch, now, caller, unchanged, lambda tx: launches.pause(tx, launch, by=caller, now=now))


@router.post("/{launch}/resume")
async def resume_launch(launch: LaunchId, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged) -> LaunchOut:
    """It goes on; if its moment is over it is missed, and wants another one."""
    return await _do(hub, launch, now, caller, unchanged, lambda tx: launches.resume(tx, launch, by=caller, now=now))


@router.post("/{launch}/move")
async def move_launch(
    launch: LaunchId, wish: MoveIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> LaunchOut:
    """Give it another moment."""
    return await _do(
        hub, launch, now, caller, unchanged, lambda tx: launches.move(tx, launch, wish.go_live_at, by=caller, now=now)
    )


@router.post("/{launch}/add-channel")
async def add_launch_channel(
    launch: LaunchId, wish: ChannelIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> LaunchOut:
    """One channel more; approvals are asked for again."""
    return await _do(
        hub,
        launch,
        now,
        caller,
        unchanged,
        lambda tx: launches.add_channel(tx, launch, wish.channel, by=caller, now=now),
    )


@router.post("/{launch}/drop-channel")
async def drop_launch_channel(
    launch: LaunchId, wish: ChannelIn, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> LaunchOut:
    """Leave a channel out; what is staged there is taken back."""
    return await _do(
        hub,
        launch,
        now,
        caller,
        unchanged,
        lambda tx: launches.drop_channel(tx, launch, wish.channel, by=caller, now=now),
    )


@router.post("/{launch}/recheck")
async def recheck_launch(
    launch: LaunchId, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged
) -> LaunchOut:
    """Have it look again at what had findings."""
    return await _do(hub, launch, now, caller, unchanged, lambda tx: launches.recheck(tx, launch, by=caller, now=now))


@router.post("/{launch}/cancel")
async def cancel_launch(launch: LaunchId, hub: HubDep, caller: Operations, now: Now, unchanged: Unchanged) -> LaunchOut:
    """Take everything back: at any time until it is over."""
    return await _do(hub, launch, now, caller, unchanged, lambda tx: launches.cancel(tx, launch, by=caller, now=now))


@router.post("/{launch}/rehearse", status_code=201)
async def rehearse_launch(launch: LaunchId, wish: RehearseIn, hub: HubDep, caller: Operations, now: Now) -> LaunchOut:
    """The same launch on the connections at the sandbox that stand in for its channels."""

    def work(tx: Connection) -> LaunchOut:
        row = row_of(tx, launch)
        plan = LaunchPlan(
            name=f"Rehearsal of {row.name}"[:200], products=tuple(launch_queries.products_of(tx, launch)),
            channels=tuple(one.form_of for one in channels_of(tx, launch) if one.is_in), go_live_at=wish.go_live_at,
            policy=LaunchPolicy.model_validate(row.policy), approvals=0, mode="rehearsal",
        )  # fmt: skip
        launches.create(tx, wish.id, plan, by=caller, now=now)
        return shown(tx, hub, wish.id, now, caller)

    return await hub.database.write(work)


def _held_back(channel: str, why: str) -> FindingLine:
    """A channel that takes nothing of this launch now, such as one whose token has expired."""
    return FindingLine(
        channel=channel, product="", gate="connection", field="credentials", sku="", severity="blocking",
        text=f"nothing may be written to {channel} now" + (f": {why}" if why else ""),
        remedy=f"look at the connection (its token may have expired), mend it, then resume it: tutti connections resume {channel}",
    )  # fmt: skip


async def _do(
    hub: HubDep, launch: str, now: datetime, caller: Actor, unchanged: Expected, command: Callable[[Connection], None]
) -> LaunchOut:
    def work(tx: Connection) -> LaunchOut:
        unchanged.check(tx, versions.launch(launch))
        command(tx)
        return shown(tx, hub, launch, now, caller)

    return await hub.database.write(work)


def shown(tx: Connection, hub: HubDep, launch: str, now: datetime, caller: Actor) -> LaunchOut:
    """A launch whole, and what the caller may do with it."""
    row, facts = row_of(tx, launch), load(tx, launch)
    at = standing(facts, now)
    names = Names(tx, hub.vault)
    content = content_of(tx, launch)
    approved, void = approvals_of(tx, launch)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    blocked: dict[str, int] = defaultdict(int)
    for group in facts.groups:
        counts[group.connection_id][group.state] += group.count
        blocked[group.connection_id] += group.blocked
    return LaunchOut(
        id=row.id, version=str(row.seq), name=row.name, mode=row.mode, stage=at.stage, headline=at.headline,
        policy=LaunchPolicy.model_validate(row.policy), products=len(launch_queries.products_of(tx, launch)),
        go_live_at=row.go_live_at, created_by=row.created_by, created_at=row.created_at,
        approvals_needed=row.approvals, approved_by=list(approved), content=content,
        created_by_name=names[row.created_by], approved_by_names=[names[one] for one in approved], void_approvals=[names[one] for one in void],
        paused=row.paused, restoring=row.restoring, outcome=row.outcome, ended_at=row.ended_at,
        first_live_at=row.first_live_at, last_live_at=row.last_live_at, skew_ms=row.skew_ms,
        platform_delay_ms=row.platform_delay_ms, exposed_ms=row.exposed_ms,
        reserved=_reserved(tx, launch, row.reserve),
        allowed=list(allowed(at, is_paused=row.paused, is_staged=bool(content), actor=caller.name, role=caller.role)),
        channels=[_channel(one, counts[one.connection_id], blocked[one.connection_id]) for one in channels_of(tx, launch)],
        leaks=[LeakOut.model_validate(one) for one in launch_queries.leaks_of(tx, launch)],
        events=[
            EventOut.model_validate(one._asdict() | {"by_name": names[one.by]})
            for one in launch_queries.events_of(tx, launch)
        ],
    )  # fmt: skip


def _reserved(tx: Connection, launch: str, wanted: dict[str, int]) -> dict[str, ReservedOut]:
    held = launch_stock.held(tx, launch)
    return {sku: ReservedOut(wanted=units, held=held.get(sku, 0)) for sku, units in wanted.items()}


def _channel(row: Any, counts: dict[str, int], blocked: int) -> LaunchChannelOut:
    waits = row.accepts_first and row.seen_at and row.last_at
    return LaunchChannelOut(
        channel=row.connection_id, form_of=row.form_of, is_in=row.is_in, hides=row.hides, failed=row.failed,
        first_live_at=row.first_at, last_live_at=row.last_at, seen_at=row.seen_at,
        platform_delay_ms=round(1000 * (row.seen_at - row.last_at).total_seconds()) if waits else None,
        counts=dict(counts), blocked=blocked,
    )  # fmt: skip
