"""Where a launch stands and what comes next, by its facts alone."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from domain.base import Frozen
from domain.launch.plan import MISSED_PATIENCE, LaunchPolicy

Stage = Literal[
    "preparing", "blocked", "awaiting_approval", "embargo", "paused", "missed",
    "going_live", "verifying", "restoring", "over",
]  # fmt: skip
Outcome = Literal["live", "live_in_part", "restored", "canceled", "rehearsed", "superseded"]
UNTOUCHED = frozenset({"planned", "known"})
"""Nothing of ours is on the channel yet."""
UNSTAGED = UNTOUCHED | {"staging"}
"""Also that of which nobody knows yet whether it is."""


class LaunchRef(Frozen):
    """A launch and the number of its run; a run whose number is no longer the launch's own is superseded."""

    launch_id: str
    run_no: int


class LaunchOutcome(Frozen):
    """How a launch's run ended."""

    launch_id: str
    outcome: str


class Batch(Frozen):
    """Some products of a launch on one channel: what one step handles; `on_channel` are all of its there."""

    launch_id: str
    connection_id: str
    number: int
    on_channel: int = 0


class Group(Frozen):
    """How many listings of a batch are in one state; `blocked` of them have findings that stop them."""

    connection_id: str
    batch: int
    state: str
    count: int
    blocked: int = 0


class LaunchChannel(Frozen):
    """A channel of a launch; one that cannot hide a draft goes last."""

    connection_id: str
    is_in: bool = True
    hides: bool | None = Field(default=None, description="None: not known yet")
    failed: bool = Field(default=False, description="it could not go live, or did not stay so")


class LaunchFacts(Frozen):
    """What is on record of a launch, as far as the next step needs it."""

    launch_id: str
    seq: int
    step: int = 0
    go_live_at: datetime
    policy: LaunchPolicy
    created_by: str
    approvals: int
    approved_by: tuple[str, ...] = ()
    is_paused: bool = False
    cancel_asked: bool = False
    held_by_connection: tuple[str, ...] = Field(default=(), description="channels to which nothing may be written now")
    barrier_at: datetime | None = None
    restoring: str = Field(default="", description="why it is taken back")
    outcome: Outcome | None = None
    mode: str = "real"
    channels: tuple[LaunchChannel, ...] = ()
    groups: tuple[Group, ...] = ()


class LaunchStanding(Frozen):
    """The next steps of a launch; its run keeps nothing else of it."""

    seq: int
    step: int = 0
    stage: Stage
    headline: str = ""
    go_live_at: datetime
    due_at: datetime | None = None
    look: tuple[Batch, ...] = ()
    stage_: tuple[Batch, ...] = ()
    take_back: tuple[Batch, ...] = ()
    publish: tuple[Batch, ...] = ()
    publish_last: tuple[Batch, ...] = ()
    verify: tuple[Batch, ...] = ()
    watch: tuple[Batch, ...] = ()
    created_by: str = ""
    approvals: int = 0
    approved_by: tuple[str, ...] = ()
    barrier_passed: bool = False
    outcome: Outcome | None = None


def standing(facts: LaunchFacts, now: datetime) -> LaunchStanding:
    """What must be done next; the same facts give the same answer."""
    stage = _stage(facts, now)
    inside = {channel.connection_id for channel in facts.channels if channel.is_in}
    hides = {channel.connection_id for channel in facts.channels if channel.hides}
    failed = {channel.connection_id for channel in facts.channels if channel.failed}
    mine = [group for group in facts.groups if group.connection_id in inside]
    held = set(facts.held_by_connection)
    todo = [g for g in mine if g.connection_id not in held and g.count > g.blocked]
    free = [g for g in todo if g.state in {"known", "staging"}]
    staged = [group for group in mine if group.state == "staged"]
    before = stage not in {"restoring", "over"} and facts.barrier_at is None
    back = mine if stage == "restoring" else [g for g in mine if g.connection_id in failed]
    back = [*back, *(group for group in facts.groups if group.connection_id not in inside)]
    going = stage == "going_live"
    return LaunchStanding(
        seq=facts.seq, step=facts.step, stage=stage, headline=headline(facts, stage), go_live_at=facts.go_live_at,
        due_at=_due_at(facts, stage),
        look=_batches(facts, (g for g in todo if g.state == "planned")) if before else (),
        stage_=_batches(facts, free) if before and not facts.is_paused else (),
        take_back=_batches(facts, (group for group in back if group.state not in {*UNTOUCHED, "restored"})),
        publish=_batches(facts, (g for g in staged if g.connection_id in hides - failed)) if going else (),
        publish_last=_batches(facts, (g for g in staged if g.connection_id not in hides | failed)) if going else (),
        verify=_batches(facts, (g for g in mine if g.state == "published")) if stage == "verifying" else (),
        watch=_batches(facts, staged) if before else (),
        created_by=facts.created_by, approvals=facts.approvals, approved_by=facts.approved_by,
        barrier_passed=facts.barrier_at is not None, outcome=facts.outcome,
    )  # fmt: skip


def _stage(facts: LaunchFacts, now: datetime) -> Stage:  # noqa: PLR0911 a table: one row per stage
    if facts.outcome is not None:
        return "over"
    if facts.restoring:
        return "restoring"
    if facts.barrier_at is not None:
        inside = {channel.connection_id for channel in facts.channels if channel.is_in and not channel.failed}
        staged = any(group.state == "staged" for group in facts.groups if group.connection_id in inside)
        return "going_live" if staged else "verifying"
    if now >= facts.go_live_at and (facts.is_paused or why_not_ready(facts)):
        return "missed"
    if facts.is_paused:
        return "paused"
    if why_not_ready(facts):
        blocked = any(group.blocked for group in facts.groups)
        open_to = {channel.connection_id for channel in facts.channels if channel.is_in} - set(facts.held_by_connection)
        preparing = any(
            group.state in UNSTAGED and group.count > group.blocked and group.connection_id in open_to
            for group in facts.groups
        )
        return "preparing" if preparing else "blocked" if blocked or facts.held_by_connection else "awaiting_approval"
    return "embargo"


def why_not_ready(facts: LaunchFacts) -> tuple[str, ...]:
    """What keeps it from passing the barrier; empty: it may go live at its moment."""
    inside = {channel.connection_id for channel in facts.channels if channel.is_in}
    reasons = [
        f"{group.count} listings on {group.connection_id} are not staged"
        for group in facts.groups
        if group.connection_id in inside and group.state in UNSTAGED
    ]
    reasons += [f"nothing may be written to {connection} now" for connection in facts.held_by_connection]
    if not inside:
        reasons.append("it has no channel left")
    if (missing := facts.approvals - len(facts.approved_by)) > 0 and facts.mode == "real":
        reasons.append("an approval is missing" if missing == 1 else f"{missing} approvals are missing")
    return tuple(reasons)


def _due_at(facts: LaunchFacts, stage: Stage) -> datetime | None:
    if stage == "missed":
        return facts.go_live_at + MISSED_PATIENCE
    return facts.go_live_at if stage in {"preparing", "blocked", "awaiting_approval", "embargo", "paused"} else None


def headline(facts: LaunchFacts, stage: Stage) -> str:
    """What it does or waits for, in a line."""
    if stage in {"preparing", "blocked", "awaiting_approval", "missed"}:
        return "; ".join(why_not_ready(facts)[:4]) or stage
    return {"restoring": f"taken back: {facts.restoring}", "embargo": "everything is staged and hidden"}.get(
        stage, stage
    )


def _batches(facts: LaunchFacts, groups: Iterable[Group]) -> tuple[Batch, ...]:
    pairs = sorted({(group.connection_id, group.batch) for group in groups})
    listings = Counter[str]()
    for group in facts.groups:
        listings[group.connection_id] += group.count
    return tuple(
        Batch(launch_id=facts.launch_id, connection_id=name, number=number, on_channel=listings[name])
        for name, number in pairs
    )
