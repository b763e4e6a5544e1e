"""Which actions a return allows now, what each brings about, and why not the others; the commands have the last word."""

from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import Field

from api.allowed import ActionOut, role_too_low
from db.actors import Actor, Role
from domain.returns.state import ReturnState

Refusal = Callable[[ReturnState], str | None]
Says = Callable[[ReturnState], list[str]]


class ReturnActionOut(ActionOut):
    """`body` is what the call needs beside its reason; `consequences` are what a person should know before."""

    body: dict[str, Any] = Field(default_factory=dict)
    consequences: list[str]


def return_actions(state: ReturnState, caller: Actor) -> list[ReturnActionOut]:
    """Every action with the answer for this return and this caller."""
    return [
        ReturnActionOut(
            action=rule.action, body=rule.body, why_not=role_too_low(caller, rule.role) or rule.refusal(state),
            consequences=rule.consequences(state),
        )
        for rule in _RULES
    ]  # fmt: skip


class _Rule(NamedTuple):
    action: str
    role: Role
    refusal: Refusal
    consequences: Says
    body: dict[str, Any] = {}  # noqa: RUF012 a NamedTuple's default is never changed


def _decided(state: ReturnState) -> str | None:
    if state.withdrawn:
        return "it is withdrawn"
    return f"it is {state.decision} already; override it instead" if state.decision else None


def _not_open(state: ReturnState) -> str | None:
    return None if state.decision == "approved" and not state.withdrawn else "it is not approved"


def _nothing_unpaid(state: ReturnState) -> str | None:
    unpaid = any(line.paid < max(line.authorized, line.received) for line in state.lines)
    return _not_open(state) or (None if unpaid else "everything is paid already")


def _nothing_rejected(state: ReturnState) -> str | None:
    rejected = state.rejected_units and not state.grades_settled
    return None if rejected else "no unit waits in a condition that is not accepted"


def _too_late(state: ReturnState) -> str | None:
    if state.withdrawn or state.decision == "refused":
        return "nothing of it is expected"
    came = any(line.received for line in state.lines)
    return "goods came back or money was given; settle it instead" if came or state.has_given else None


def _not_stopped(state: ReturnState) -> str | None:
    return None if state.stopped else "it goes on by itself"


def _nothing_refused(state: ReturnState) -> str | None:
    return None if any(duty.state == "refused" for duty in state.duties) else "no write was refused"


def _nothing_due(state: ReturnState) -> str | None:
    return None if state.claw_back == "due" else "nothing is claimed back"


def _no_exchange(state: ReturnState) -> str | None:
    return None if state.exchange_order_id else "it has no exchange order; it is made when its value is known"


def _approved(state: ReturnState) -> list[str]:
    units = sum(line.announced for line in state.lines)
    label = ["A label is bought where the policy names a carrier."] if state.method == "label" else []
    return [f"The buyer may send {units} unit(s) back.", "The channel is told.", *label]


def _withdrawn(state: ReturnState) -> list[str]:
    done = {duty.kind for duty in state.duties if duty.state == "done"}
    label = ["The label that was bought is given back."] if "label" in done else []
    told = ["The channel's return is closed."] if "register" in done else []
    return ["Nothing is expected any more; the units may be announced again.", *label, *told]


def _refused_writes(how: str) -> Says:
    def says(state: ReturnState) -> list[str]:
        names = ", ".join(duty.kind.replace("_", " ") for duty in state.duties if duty.state == "refused")
        return [how.format(names or "nothing")]

    return says


def _says(*texts: str) -> Says:
    return lambda _state: list(texts)


_RULES = (
    _Rule("approve", "operations", _decided, _approved),
    _Rule("refuse", "operations", _decided, _says("Nothing comes back and nothing is refunded.", "The channel and the buyer are told.")),
    _Rule(
        "override", "operations", _nothing_unpaid,
        _says("The buyer is paid and keeps the goods.", "What comes back all the same is taken in."), {"keep": True},
    ),
    _Rule(
        "override", "operations", _nothing_unpaid,
        _says("The buyer is paid now, before anything is here.", "If nothing comes, the hub claims it back."), {"instant": True},
    ),
    _Rule("settle-grades", "operations", _nothing_rejected, _says("Units that are not accepted are not paid for.")),
    _Rule("withdraw", "support", _too_late, _withdrawn),
    _Rule("retry", "operations", _not_stopped, _says("Its process starts again from the facts on record."), {"how": "continue"}),
    _Rule("retry", "operations", _nothing_refused, _refused_writes("These are asked for once more: {}."), {"how": "redo"}),
    _Rule("retry", "operations", _nothing_refused, _refused_writes("These count as dealt with by hand: {}."), {"how": "skip"}),
    _Rule("claw-back", "operations", _nothing_due, _says("Without an amount it is written off.", "The return ends.")),
    _Rule("difference-paid", "support", _no_exchange, _says("The new order goes on once all of its price is there.")),
)  # fmt: skip
