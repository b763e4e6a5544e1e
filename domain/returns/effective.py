"""Which value holds for an order line, and which rule says so."""

from collections.abc import Callable
from typing import Any

from domain.base import Frozen
from domain.returns.policy import FIELDS, PolicyRule, ReturnPolicy, Subject, Terms


class Why(Frozen):
    """The rule that decided a value, and what narrower or wider rules would have said."""

    rule: str
    level: str
    instead_of: tuple[str, ...] = ()


class Effective(Frozen):
    """Every value, and why it is so."""

    terms: Terms
    why: dict[str, Why]


def effective(policy: ReturnPolicy, subject: Subject) -> Effective:
    """From the widest rule to the narrowest, then the minimums; of two equally narrow ones the first counts."""
    ours = sorted(
        (rule for rule in reversed(policy.rules) if rule.applies_to(subject)), key=lambda r: (r.is_minimum, r.rank)
    )
    values: dict[str, Any] = Terms().model_dump()
    deciders: dict[str, list[PolicyRule]] = {name: [] for name in FIELDS}
    for rule in ours:
        for name, value in rule.said().items():
            if rule.is_minimum and _at_least(name, values[name], value) == values[name]:
                continue
            values[name] = value
            deciders[name].append(rule)
    return Effective(terms=Terms.model_validate(values), why={name: _why(rules) for name, rules in deciders.items()})


def _why(deciders: list[PolicyRule]) -> Why:
    if not deciders:
        return Why(rule="", level="built-in")
    *overruled, last = deciders
    return Why(rule=last.name, level=last.level, instead_of=tuple(rule.name for rule in overruled))


_KINDER: dict[str, Callable[[Any, Any], Any]] = {
    "window_days": max,
    "shipping_paid_by": lambda ours, least: "merchant" if "merchant" in {ours, least} else "buyer",
    "restocking_fee_percent": min,
    "final_sale": lambda ours, least: ours and least,
    "refund_shipping": lambda ours, least: ours or least,
    "exchange": lambda ours, least: ours or least,
    "accepted_grades": lambda ours, least: ours | least,
}
"""What is better for the buyer, of two values."""


def _at_least(name: str, ours: Any, least: Any) -> Any:
    return _KINDER.get(name, lambda _ours, least: least)(ours, least)
