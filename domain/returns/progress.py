"""Where a return stands and what comes next, by its facts alone."""

from datetime import datetime
from typing import Literal

from domain.base import Frozen
from domain.progress import OPEN
from domain.returns.causes import causes_of
from domain.returns.state import AT_CHANNEL, Duty, ReturnState

Stage = Literal["to_decide", "awaiting_goods", "inspecting", "settling", "over"]
Outcome = Literal[
    "refunded", "exchanged", "refused", "expired", "withdrawn", "nothing_accepted", "stopped", "superseded"
]


class Progress(Frozen):
    """The next steps of a return; the run keeps nothing else of it."""

    seq: int
    stage: Stage
    waits_for: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    has_given: bool = False
    due_at: datetime | None = None
    outcome: Outcome | None = None
    headline: str = ""


class Wants(Frozen):
    """What facts and clock demand of our own records before anything else."""

    give: bool = False
    remind: bool = False
    expire: bool = False
    wind_up: bool = False

    def __bool__(self) -> bool:
        return self.give or self.remind or self.expire or self.wind_up


def wants(state: ReturnState, now: datetime) -> Wants:
    """Pure: the same facts at the same moment demand the same."""
    if state.stopped:
        return Wants()
    waits = state.decision == "approved" and state.expects_goods
    late = waits and state.expires_at is not None and now >= state.expires_at
    return Wants(
        give=bool(state.owed()),
        expire=late,
        remind=waits and not late and state.remind_at is not None and now >= state.remind_at,
        wind_up=state.decision == "approved" and _is_settled(state) and not _is_wound_up(state),
    )


def _is_settled(state: ReturnState) -> bool:
    """Goods and value are where they belong; only the channel has to be told."""
    open_money = any(duty.state in OPEN for duty in state.duties if duty.kind == "refund")
    grades_open = state.ungraded_units or (state.rejected_units and not state.grades_settled)
    return not (
        state.expects_goods or grades_open or state.owed() or open_money or state.claw_back == "due" or state.disputed
    )


def _is_wound_up(state: ReturnState) -> bool:
    return any(duty.kind == "close" and duty.round == state.round for duty in state.duties)


def progress(state: ReturnState, now: datetime) -> Progress:
    """What the hub must do next; the same facts give the same answer."""
    outcome = outcome_of(state)
    stage = _stage(state, outcome)
    waits = tuple(cause.code for cause in causes_of(state) if cause.blocks) or _waits(state, stage)
    return Progress(
        seq=state.seq,
        stage=stage,
        waits_for=waits,
        duties=_to_do(state),
        has_given=state.has_given,
        due_at=_due(state, now),
        outcome=outcome,
        headline=_headline(stage, waits, outcome),
    )


def _to_do(state: ReturnState) -> tuple[Duty, ...]:
    """All at once, but the channel's one after the other. A stopped return only undoes what it had done."""
    if state.stopped and not state.withdrawn:
        return ()
    todo = [duty for duty in state.duties if not duty.state]
    if any(duty.kind == "label" for duty in todo):  # what is being bought cannot be given back yet
        todo = [duty for duty in todo if duty.kind != "void_label"]
    at_channel = [duty for duty in todo if duty.kind in AT_CHANNEL][:1]
    return tuple([duty for duty in todo if duty.kind not in AT_CHANNEL] + at_channel)


def outcome_of(state: ReturnState) -> Outcome | None:  # noqa: PLR0911 a table: one row per ending
    """How the return ended; None while anything is still to be done."""
    if state.stopped:
        undoing = state.withdrawn and any(not duty.state for duty in state.duties)
        return None if undoing else "stopped"
    if any(duty.state in OPEN for duty in state.duties):
        return None
    if state.withdrawn:
        return "withdrawn"
    if state.decision == "refused":
        return "refused"
    if state.decision != "approved" or not _is_settled(state) or not _is_wound_up(state):
        return None
    if state.exchange_order_id:
        return "exchanged"
    if any(line.paid for line in state.lines):
        return "refunded"
    return "expired" if state.expired else "nothing_accepted"


def _stage(state: ReturnState, outcome: Outcome | None) -> Stage:
    if outcome is not None:
        return "over"
    if not state.decision:
        return "to_decide"
    if state.decision == "approved" and state.expects_goods:
        return "awaiting_goods"
    return "inspecting" if state.ungraded_units else "settling"


def _waits(state: ReturnState, stage: Stage) -> tuple[str, ...]:
    match stage:
        case "to_decide":
            return ("a decision",)
        case "awaiting_goods":
            return (f"{state.missing} unit(s)",)
        case "inspecting":
            return ("an inspection",)
        case _:
            return tuple(f"{duty.kind} at {duty.connection_id}" for duty in state.duties if duty.state in OPEN)


def _due(state: ReturnState, now: datetime) -> datetime | None:
    """The next moment at which time alone changes something."""
    if state.stopped or state.decision != "approved" or not state.expects_goods:
        return None
    return min((at for at in (state.remind_at, state.expires_at) if at is not None and at > now), default=None)


def _headline(stage: Stage, waits: tuple[str, ...], outcome: Outcome | None) -> str:
    if outcome:
        return outcome.replace("_", " ")
    return f"{stage.replace('_', ' ')}: waits for {', '.join(waits)}" if waits else stage.replace("_", " ")
