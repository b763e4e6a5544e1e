"""The order's own row as it was: every fact that came later is taken back, the newest first."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Row

from db.then.past import Facts, past

Values = dict[str, Any]


def order_then(order: Row[Any], facts: Facts, lost: set[str]) -> Any:
    """The row; what no fact tells is named in `lost`."""
    values: Values = {**order._asdict(), "holds": list(order.holds)}
    for fact in reversed(facts.after):
        if fact.kind in _BACK:
            _BACK[fact.kind](values, fact, lost)
    if any(fact.kind in {"held", "released"} for fact in facts.after):
        hub_holds, values["released"] = _held_by_hub(facts)
        values["holds"] = sorted({hold for hold in values["holds"] if not hold.startswith("hub:")} | hub_holds)
    values["seq"] = facts.before[-1].seq if facts.before else 0
    return past(order, **values)


def _payment(values: Values, fact: Row[Any], lost: set[str]) -> None:
    _from(values, "financial", fact, "the state of the payment", lost)


def _risk(values: Values, fact: Row[Any], lost: set[str]) -> None:
    _from(values, "risk", fact, "the risk of fraud", lost)


def _from(values: Values, name: str, fact: Row[Any], words: str, lost: set[str]) -> None:
    if fact.data.get("from"):
        values[name] = fact.data["from"]
    else:
        lost.add(words)


def _held(values: Values, fact: Row[Any], _lost: set[str]) -> None:
    values["holds"] = sorted(set(values["holds"]) - set(fact.data.get("reasons", ())))


def _hold_released(values: Values, fact: Row[Any], _lost: set[str]) -> None:
    values["holds"] = sorted({*values["holds"], *fact.data["reasons"]})


def _held_by_hub(facts: Facts) -> tuple[set[str], bool]:
    """The holds that people put on here, which a release lifts, and whether it was released since the last of them."""
    holds: set[str] = set()
    is_released = False
    for fact in facts.before:
        if fact.kind == "released":
            holds, is_released = set(), True
        elif fact.kind == "held" and "reason" in fact.data:
            holds.add(f"hub:{fact.data['reason']}")
            is_released = False
    return holds, is_released


def _amounts(values: Values, fact: Row[Any], lost: set[str]) -> None:
    values["total_minor"] = fact.data["before_minor"]
    lost.add("the parts of the total, and the total in the buyer's currency")


def _delivery(values: Values, fact: Row[Any], lost: set[str]) -> None:
    values["delivery"] = fact.data["before"]
    lost.add("the service and the place of pickup")


def _address(values: Values, _fact: Row[Any], lost: set[str]) -> None:
    values["address_version"] -= 1
    lost.add("the address: only the newest is kept")


def _sets(**before: Any) -> Callable[[Values, Row[Any], set[str]], None]:
    return lambda values, _fact, _lost: values.update(before)


_BACK: dict[str, Callable[[Values, Row[Any], set[str]], None]] = {
    "payment_changed": _payment,
    "risk_changed": _risk,
    "held": _held,
    "hold_released": _hold_released,
    "amounts_changed": _amounts,
    "delivery_changed": _delivery,
    "address_changed": _address,
    "canceled_at_channel": _sets(canceled_at=None),
    "cancel_requested": _sets(cancel_requested_at=None),
    "cancel_told": _sets(cancel_told_at=None),
    "cancel_refused_by_channel": _sets(cancel_refused=False),
    "stopped": _sets(stopped=False),
}
