"""Why a return needs a person: each cause is one exception of its order."""

from collections.abc import Iterator

from domain.causes import Cause
from domain.returns.state import ReturnState


def causes_of(state: ReturnState) -> tuple[Cause, ...]:
    """Every cause that holds now; what a person has dealt with is left out, unless the return stands still for it."""
    if state.stopped:
        return (_cause(state, "return_stopped", "The return's process was stopped", "Start it again (POST /returns/{return}/retry).", blocks=True),)  # fmt: skip
    found = [*_goods(state), *_money(state), *_writes(state)]
    return tuple(cause for cause in found if cause.blocks or cause.code not in state.acknowledged)


def _cause(state: ReturnState, kind: str, title: str, remedy: str, *, blocks: bool = False) -> Cause:
    return Cause(kind=kind, subject=state.id, title=title, remedy=remedy, blocks=blocks)


def _goods(state: ReturnState) -> Iterator[Cause]:
    if not state.decision and not state.withdrawn:
        yield _cause(
            state, "return_to_decide", "A return waits for a decision",
            "Approve or refuse it (POST /returns/{return}/approve, …/refuse).", blocks=True,
        )  # fmt: skip
    if state.surplus:
        yield _cause(
            state, "return_surplus", f"{state.surplus} unit(s) more came back than were authorized",
            "Authorize them (POST /returns/{return}/override) or send them back to the buyer; then resolve this.",
        )  # fmt: skip
    if state.strange_units:
        yield _cause(
            state, "return_other_item", f"{state.strange_units} unit(s) of something else were in the parcel",
            "Look at the parcel and ask the buyer; no money moves for them. Then resolve this.",
        )  # fmt: skip
    if state.rejected_units and not state.grades_settled:
        yield _cause(
            state, "return_condition", f"{state.rejected_units} unit(s) came back in a condition that is not accepted",
            "Pay for them all the same (POST /returns/{return}/override) or refuse (POST /returns/{return}/settle-grades).",
            blocks=True,
        )  # fmt: skip
    if state.lost_at is not None and state.missing:
        yield _cause(
            state, "return_lost", "The carrier has lost the parcel",
            "Refund the buyer (POST /returns/{return}/override) and claim the loss from the carrier.",
        )  # fmt: skip


def _money(state: ReturnState) -> Iterator[Cause]:
    if state.uncovered_minor:
        yield _cause(
            state, "refund_uncovered", f"The refund cannot be given back whole ({state.uncovered_why})",
            "Compare the order's tenders with the channel; pay the rest another way, then resolve this.",
        )  # fmt: skip
    if state.disputed:
        yield _cause(
            state, "chargeback", "The buyer's bank took the money back: nothing more is refunded",
            "Answer the dispute at the payment provider; this closes by itself when the bank has decided.", blocks=True,
        )  # fmt: skip
    if state.claw_back == "due":
        yield _cause(
            state, "claw_back", "Money was given back and the goods never came",
            "Ask the buyer; record what came back or write it off (POST /returns/{return}/claw-back).", blocks=True,
        )  # fmt: skip


def _writes(state: ReturnState) -> Iterator[Cause]:
    for duty in state.duties:
        if duty.state == "refused":
            yield Cause(
                kind=f"return_{duty.kind}_refused",
                subject=duty.id,
                title=f"{duty.connection_id} refused the {duty.kind.replace('_', ' ')} of return {state.id}",
                remedy="See the effect's code, mend it there, then retry or skip it (POST /returns/{return}/retry).",
                blocks=duty.kind == "refund",
            )
    for trouble in state.troubles:
        doubt = trouble.in_doubt
        yield Cause(
            kind="in_doubt" if doubt else "unreachable",
            subject=trouble.key if doubt else trouble.connection_id,
            title=f"It is not known whether {trouble.connection_id} did {trouble.kind.replace('_', ' ')}"
            if doubt
            else f"{trouble.connection_id} does not answer as it should ({trouble.code})",
            remedy="The hub keeps looking it up and trying; look at the platform if it lasts.",
            blocks=False,
        )
    for connection in sorted(state.paused_connections):
        yield Cause(
            kind="paused", subject=connection, title=f"Writes to {connection} are paused", severity="critical", blocks=False,
            remedy="Mend the cause that the connection names, then resume it; or switch it on, if it is not on yet.",
        )  # fmt: skip
