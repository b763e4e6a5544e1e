"""The order's timeline in words, from every source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.orders.effects import KINDS
from console.parts.money import money
from console.parts.status import words
from console.parts.timeline import Event

if TYPE_CHECKING:
    from console.parts.status import Tone
    from console.places import Names

SOURCES = {
    "fact": "Fact", "decision": "Decision", "effect": "Written outside", "money": "Money", "exception": "Exception",
    "audit": "A person",
}  # fmt: skip
ICONS = {
    "fact": "o_circle", "decision": "o_route", "effect": "o_outbox", "money": "o_payments", "exception": "o_report",
    "audit": "o_person",
}  # fmt: skip
TITLES = {
    "placed": "Placed", "sent": "Asked to ship", "accepted": "Accepted by the location", "picked": "Picked",
    "shipped": "Shipped", "delivered": "Delivered", "rejected": "Refused by the location", "backordered": "Waits for stock",
    "restocked": "Stock came for it", "tracking_reported": "The channel shows the parcel", "held": "Held",
    "released": "Released", "cancel_requested": "Cancel asked for", "cancel_told": "The channel knows of the cancel",
    "address_changed": "Address changed", "reroute_requested": "To be routed anew", "retry_requested": "To be tried again",
    "lines_canceled": "Units canceled", "mapped": "SKU mapped to an item", "payment_changed": "Payment changed",
    "risk_changed": "Risk of fraud changed", "acknowledged": "An exception was settled", "stopped": "Its process was stopped",
    "recall_asked": "Asked back", "recall_confirmed": "Given back", "recall_refused": "Not given back",
}  # fmt: skip
EFFECT_STATES: dict[str, tuple[str, Tone]] = {
    "intended": ("begun", "busy"), "confirmed": ("confirmed", "ok"), "rejected": ("refused", "bad"),
}  # fmt: skip
TONES: dict[str, Tone] = {
    "shipped": "ok", "delivered": "ok", "rejected": "bad", "backordered": "warn", "held": "warn", "stopped": "bad",
    "cancel_requested": "warn", "recall_refused": "bad", "tracking_refused": "bad", "tracking_reported": "ok",
}  # fmt: skip


def story(moments: list[dict[str, Any]], known: Names, currency: str) -> list[Event]:
    """The latest first. A decision says what its fact says, so the fact is left out."""
    kept = [each for each in moments if not (each["source"] == "fact" and each["kind"] == "routed")]
    return [_event(each, known, currency) for each in reversed(kept)]


def _event(moment: dict[str, Any], known: Names, currency: str) -> Event:
    tell = _TELLERS.get(moment["source"], _fact)
    title, detail, tone = tell(moment, known, currency)
    return Event(
        moment["at"], title, source=f"{SOURCES.get(moment['source'], '')} · {_by(moment, known)}", detail=detail,
        icon=ICONS.get(moment["source"], "o_circle"), tone=tone,
    )  # fmt: skip


def _by(moment: dict[str, Any], known: Names) -> str:
    by = moment.get("by_name") or moment["by"]
    said = {"tutti": "the hub", "hub": "the hub", "webhook": "told by webhook", "sourcing": "routing", "stock": "stock"}
    return said.get(by) or known.connection(by)


def _fact(moment: dict[str, Any], known: Names, _currency: str) -> tuple[str, str, Tone]:
    data, kind = moment["data"], moment["kind"]
    parts = [
        known.location(data["location"]) if data.get("location") else "",
        f"F{data['fulfillment_order'].rpartition('-F')[2]}" if data.get("fulfillment_order") else "",
        f"{data['quantity']} × {data['item']}" if data.get("item") and data.get("quantity") else "",
        f"tracking {data['tracking']}" if data.get("tracking") else "",
        f"because: {words(str(data['reason'])).lower()}" if data.get("reason") else "",
        words(str(data["code"])).lower() if data.get("code") else "",
    ]
    return TITLES.get(kind, words(kind)), ", ".join(part for part in parts if part), TONES.get(kind, "idle")


def _decision(moment: dict[str, Any], known: Names, _currency: str) -> tuple[str, str, Tone]:
    data = moment["data"]
    where = ", ".join(known.location(each) for each in data["locations"])
    rule = f"rule “{data['rule']}”" if data["rule"] else "no rule matched"
    title = f"Routed to {where}" if where else "No location can ship it now"
    return title, f"Round {data['round'] + 1}, {rule}, rules version {data['rules']}", "ok" if where else "warn"


def _effect(moment: dict[str, Any], known: Names, _currency: str) -> tuple[str, str, Tone]:
    kind, _, state = moment["kind"].rpartition(" ")
    said, tone = EFFECT_STATES.get(state, (words(state).lower(), "warn"))
    code = moment["data"].get("error_code")
    detail = f"because: {words(code).lower()}" if code else ""
    return (
        f"{KINDS.get(kind, words(kind))}: {said}",
        ", ".join(filter(None, [known.connection(moment["by"]), detail])),
        tone,
    )


def _money(moment: dict[str, Any], _known: Names, currency: str) -> tuple[str, str, Tone]:
    data = moment["data"]
    amount = money(data["amount_minor"], data["currency"] or currency)
    return f"{words(moment['kind'])} {amount}", words(data["tender"]), "ok" if moment["kind"] == "captured" else "idle"


def _exception(moment: dict[str, Any], _known: Names, _currency: str) -> tuple[str, str, Tone]:
    over = moment["kind"] == "cause gone"
    return ("No longer held up" if over else "Held up"), moment["data"]["title"], "ok" if over else "warn"


def _audit(moment: dict[str, Any], _known: Names, _currency: str) -> tuple[str, str, Tone]:
    after = moment["data"].get("after") or {}
    said = ", ".join(
        f"{words(name).lower()}: {words(str(value)).lower()}"
        for name, value in after.items()
        if name != "seq" and isinstance(value, str) and value
    )
    action = moment["kind"].removeprefix("order.")
    return {"read_person": "Looked at buyer and address"}.get(action, words(action)), said, "idle"


_TELLERS = {
    "fact": _fact, "decision": _decision, "effect": _effect, "money": _money, "exception": _exception, "audit": _audit,
}  # fmt: skip
