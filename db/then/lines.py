"""Lines and waiting demand as they were."""

from typing import Any

from sqlalchemy import Row

from db.then.past import Facts, Past, past

_CHANGE_LINES = {"edited", "lines_canceled", "kept", "mapped"}


def lines_then(rows: list[Row[Any]], facts: Facts, lost: set[str]) -> list[Any]:
    """Lines that were there, with the units that were wanted."""
    if not any(fact.kind in _CHANGE_LINES for fact in facts.after):
        return list(rows)
    known = _known(rows, facts)
    return [_line(row, facts, lost) for row in rows if row.line_id in known]


def _known(rows: list[Row[Any]], facts: Facts) -> set[str]:
    """Those that the order was placed with, and those that an edit has brought since."""
    placed = next((fact.data.get("lines", 0) for fact in facts.before if fact.kind == "placed"), len(rows))
    edited = (fact.data["quantities"] for fact in facts.before if fact.kind == "edited")
    return {f"L{number}" for number in range(1, placed + 1)} | {line for quantities in edited for line in quantities}


def _line(row: Row[Any], facts: Facts, lost: set[str]) -> Any:
    quantity, canceled, item_id = row.quantity, row.canceled, row.item_id
    for fact in reversed(facts.after):
        if fact.kind == "lines_canceled" and row.line_id in fact.data["lines"]:
            units = fact.data["lines"][row.line_id]
            quantity, canceled = quantity + units, canceled - units
        elif fact.kind == "kept" and fact.data["line"] == row.line_id:
            quantity, canceled = quantity - fact.data["units"], canceled + fact.data["units"]
        elif fact.kind == "edited" and row.line_id in fact.data["quantities"]:
            quantity = _before(row, fact, facts, lost)
        elif fact.kind == "mapped" and fact.data["sku"] == row.sku:
            item_id = None
    return past(row, quantity=quantity, canceled=canceled, item_id=item_id)


def _before(row: Row[Any], edit: Row[Any], facts: Facts, lost: set[str]) -> int:
    """What an edit replaced: what the one before it had set, less what was canceled since."""
    quantity: int = row.ordered
    known = False
    for fact in (*facts.before, *facts.after):
        if fact.seq >= edit.seq:
            break
        if fact.kind == "edited" and row.line_id in fact.data["quantities"]:
            quantity, known = fact.data["quantities"][row.line_id], True
        elif fact.kind == "lines_canceled":
            quantity -= fact.data["lines"].get(row.line_id, 0)
        elif fact.kind == "kept" and fact.data["line"] == row.line_id:
            quantity += fact.data["units"]
    if not known:
        lost.add("units before the first edit: they are taken to be those that were ordered")
    return quantity


def waiting_then(rows: list[Row[Any]], decisions: list[Row[Any]], facts: Facts, lost: set[str]) -> list[Any]:
    """What the newest decision of then could not place, less what was canceled and what came since."""
    known = [decision for decision in decisions if decision.decided_at <= facts.at]
    if not facts.after or not known:
        return list(rows) if not facts.after else []
    short = {
        (one["line_id"].partition("|")[0], one["item_id"]): dict(one) for one in known[-1].plan.get("shortfalls", ())
    }
    if short:
        lost.add("which lines waited for stock, to the unit, and until when")
    for fact in facts.before:
        if fact.recorded_at > known[-1].decided_at or fact.seq > _routed(facts, known[-1]):
            _shorten(short, fact)
    return [
        Past(line_id=line_id, item_id=item_id, quantity=one["quantity"], reason=one["reason"], give_up_at=None)
        for (line_id, item_id), one in short.items()
    ]


def _routed(facts: Facts, decision: Row[Any]) -> int:
    return next((f.seq for f in facts.before if f.kind == "routed" and f.data["round"] == decision.round), 0)


def _shorten(short: dict[tuple[str, str], dict[str, Any]], fact: Row[Any]) -> None:
    if fact.kind in {"cancel_requested", "canceled_at_channel"} or fact.data.get("how") == "restart":
        short.clear()
    for line_id, item_id in list(short):
        if fact.kind == "lines_canceled" and line_id in fact.data["lines"]:
            del short[line_id, item_id]
        elif fact.kind == "restocked" and fact.data.get("item") == item_id:
            one = short[line_id, item_id]
            one["quantity"] = max(0, one["quantity"] - fact.data["quantity"])
