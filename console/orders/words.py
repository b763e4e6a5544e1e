"""The hub's codes in people's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from console.orders.states import STATES
from console.parts.status import words

if TYPE_CHECKING:
    from console.places import Names

CAUSES = {
    "unmapped_sku": "a SKU to be mapped", "fraud_risk": "a decision about its risk of fraud", "hold": "the release of a hold",
    "no_address": "a complete address", "paused": "writes that are paused", "out_of_stock": "stock",
    "unroutable": "a location that may serve it", "stopped": "a person: its process was stopped",
    "payment_pending": "its payment", "payment_partially_paid": "the rest of its payment",
}  # fmt: skip
_AT = re.compile(r"\bF(\d+) at (\S+)")
_CODE = re.compile(r"\b([a-z]+(?:_[a-z]+)+|hold|paused|stopped):([^,;\s]*)")
_RECALL = re.compile(r" \(recall (\w+)\)")
_RECALLS = {"wanted": ", to be asked back", "asked": ", asked back", "refused": ", not given back"}
_SUBJECTS = frozenset({"unmapped_sku", "hold", "paused"})


def standing(why: str, known: Names) -> str:
    """Where an order stands, without codes and ids."""
    with_names = _AT.sub(lambda found: f"F{found[1]} at {known.location(found[2].rstrip(';,'))}", why)
    with_names = _RECALL.sub(lambda found: _RECALLS.get(found[1], ""), with_names)
    said = _CODE.sub(lambda found: _cause(found[1], found[2], known), with_names).replace("_", " ")
    return said[:1].upper() + said[1:]


def _cause(kind: str, subject: str, known: Names) -> str:
    said = CAUSES.get(kind) or words(kind).lower()
    if kind not in _SUBJECTS:
        return said
    return f"{said} ({known.connection(subject.rpartition(':')[2])})"


def after_words(standing_out: dict[str, Any] | None, known: Names) -> str:
    """Where an order would stand after an action."""
    if standing_out is None:
        return ""
    return standing(standing_out["headline"], known) or stage_words(standing_out["stage"])


def stage_words(stage: str) -> str:
    """A stage as the badge says it."""
    return STATES[stage][0] if stage in STATES else words(stage)


def step_words(step: str, order_id: str) -> str:
    """The hub's next step towards the outside."""
    verb, _, what = step.partition(" ")
    part = what.removeprefix(f"{order_id}-") or what
    said = {
        "send": f"Ask for fulfillment order {part}", "recall": f"Ask fulfillment order {part} back",
        "report": f"Tell the channel of parcel {part}", "capture": f"Take the money for parcel {part}",
        "refund": f"Have the channel refund what was taken out ({part})", "tell": "Tell the channel that it is canceled",
    }  # fmt: skip
    return said.get(verb, step)
