"""What the staff of a shop may do next with a fulfillment order."""

from typing import Literal

from domain.order_state import ENDED

Step = Literal["accept", "reject", "pick", "ready", "collect", "ship", "answer_recall"]
Bucket = Literal["to_accept", "to_pick", "to_ship", "to_make_ready", "to_hand_over", "asked_back", "on_hold"]
RejectReason = Literal["out_of_stock", "damaged", "closed", "no_capacity", "other"]

_STEPS: dict[str, tuple[Step, ...]] = {
    "planned": ("accept", "reject"),
    "sending": ("accept", "reject"),
    "sent": ("accept", "reject"),
    "on_hold": ("accept", "reject"),
    "accepted": ("pick", "reject"),
}
_AFTER_PICKING: dict[tuple[str, bool], tuple[Step, ...]] = {
    ("picked", False): ("ship", "reject"),
    ("picked", True): ("ready", "reject"),
    ("ready", True): ("collect", "reject"),
}
_GONE: frozenset[Step] = frozenset({"ship", "collect"})


def allowed_steps(state: str, recall: str, *, is_pickup: bool) -> tuple[Step, ...]:
    """In the order in which they are likely.

    Somebody who is asked to give it back answers that first; what has left meanwhile can still be said.
    """
    if state in ENDED:
        return ()
    steps = _STEPS.get(state) or _AFTER_PICKING.get((state, is_pickup), ())
    if recall in {"wanted", "asked"}:
        return ("answer_recall", *(step for step in steps if step in _GONE))
    return steps


def bucket_of(state: str, recall: str, *, is_pickup: bool) -> Bucket:
    """Under which heading the task list shows it."""
    if recall in {"wanted", "asked"}:
        return "asked_back"
    match state:
        case "on_hold":
            return "on_hold"
        case "accepted":
            return "to_pick"
        case "picked":
            return "to_make_ready" if is_pickup else "to_ship"
        case "ready":
            return "to_hand_over"
        case _:
            return "to_accept"
