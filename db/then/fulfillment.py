"""Fulfillment orders, parcels and effects as they were."""

from typing import Any

from sqlalchemy import Row

from db.then.past import Facts, past

_RANK = {"planned": 0, "sent": 1, "accepted": 2, "on_hold": 2, "picked": 3, "ready": 4}
_ENDS = {
    "rejected": "rejected",
    "canceled": "canceled",
    "expired": "expired",
    "recall_confirmed": "canceled",
    "dropped": "canceled",
}
_RECALL = {
    "recall_wanted": "wanted", "silent": "wanted", "reroute_requested": "wanted", "recall_asked": "asked",
    "recall_confirmed": "confirmed", "recall_refused": "refused", "cancel_refused": "refused",
}  # fmt: skip


def shipments_then(rows: list[Row[Any]], facts: Facts) -> list[Any]:
    """Parcels that the hub had heard of."""
    found = []
    for row in rows:
        mine = facts.about("fulfillment_order", row.fulfillment_order_id).about("shipment", row.external_id)
        if not mine.before and (mine.after or row.shipped_at > facts.at):
            continue
        found.append(_shipment(row, mine, facts))
    return found


def _shipment(row: Row[Any], mine: Facts, facts: Facts) -> Any:
    values: dict[str, Any] = {}
    if any(fact.kind == "tracking_changed" for fact in mine.after):
        told = mine.last("tracking_changed", "shipped", "collected")
        values["tracking_number"] = told.data.get("tracking", "") if told else ""
    if any(fact.kind == "delivered" for fact in mine.after):
        values["delivered_at"] = None
    for kind, name in (("tracking_reported", "report"), ("captured", "capture")):
        if any(fact.kind == kind for fact in facts.about("shipment", row.id).after):
            values[name] = ""
    return past(row, **values)


def fulfillment_orders_then(rows: list[Row[Any]], units: list[Any], facts: Facts) -> list[Any]:
    """Those that were made, with what their locations had said; `units` are those of then."""
    return [_fulfillment_order(row, units, facts) for row in rows if row.created_at <= facts.at]


def units_then(rows: list[Row[Any]], fulfillment_orders: list[Row[Any]], shipments: list[Any], at: Any) -> list[Any]:
    """Their lines, with what had left."""
    made = {f.id for f in fulfillment_orders if f.created_at <= at}
    left: dict[tuple[str, str, str], int] = {}
    for parcel in shipments:
        for line_id, item_id, quantity in parcel.lines:
            key = (parcel.fulfillment_order_id, line_id, item_id)
            left[key] = left.get(key, 0) + quantity
    return [
        past(row, shipped=left.get((row.fulfillment_order_id, row.line_id, row.item_id), 0))
        for row in rows
        if row.fulfillment_order_id in made
    ]


def _fulfillment_order(row: Row[Any], units: list[Any], facts: Facts) -> Any:
    mine = facts.about("fulfillment_order", row.id)
    asked_again = any(fact.kind == "reroute_requested" for fact in facts.after)
    if not mine.after and not asked_again:
        return past(row)
    state, recall, reason = "planned", "", ""
    for fact in facts.before:
        about = fact.data.get("fulfillment_order")
        live = state not in _ENDS.values()
        if about == row.id:
            reason = fact.data.get("reason") or reason
            if fact.kind != "cancel_refused" or recall in {"wanted", "asked"}:
                recall = _RECALL.get(fact.kind, recall)
            if fact.kind in _ENDS and live:
                state = _ENDS[fact.kind]
            elif live and _RANK.get(fact.kind, -1) >= _RANK[state]:
                state = fact.kind
        elif fact.kind == "reroute_requested" and live and not recall and fact.recorded_at >= row.created_at:
            recall, reason = "wanted", "re-route"
    theirs = [unit for unit in units if unit.fulfillment_order_id == row.id]
    if theirs and all(unit.shipped >= unit.quantity for unit in theirs):
        state = "shipped"
    ended = row.ended_at if row.ended_at and row.ended_at <= facts.at else None
    is_sent = row.sent_at is not None and row.sent_at <= facts.at
    return past(
        row, state=state, recall=recall, reason=reason, ended_at=ended, due_at=None,
        sent_at=row.sent_at if is_sent else None, external_id=row.external_id if is_sent else "",
    )  # fmt: skip


def effects_then(rows: list[Row[Any]], facts: Facts) -> list[Any]:
    """Writes that were intended; those that were proven or refused later, were not yet."""
    return [
        past(row, state="intent", settled_at=None, proof=None, error_code="")
        if row.settled_at is not None and row.settled_at > facts.at
        else past(row)
        for row in rows
        if row.intended_at <= facts.at
    ]
