"""Finds gaps, contradictions and rules that decide nothing, each with an example that shows it."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any, Literal

from domain.base import Frozen
from domain.returns.effective import effective
from domain.returns.policy import FIELDS, LEVELS, PolicyRule, ReturnPolicy, Subject, Terms

OTHER = "any-other"
"""Stands in an example for whatever no rule names."""
ENOUGH = 2000
"""Examples tried per rule; a policy with more scopes than that is judged by the first so many."""


class Finding(Frozen):
    """What is wrong, and an order line for which it is."""

    kind: Literal["gap", "contradiction", "unreachable"]
    text: str
    rules: tuple[str, ...]
    example: Subject


def lint(policy: ReturnPolicy) -> tuple[Finding, ...]:
    """Empty when all is well."""
    return (*_gaps(policy), *_ties(policy), *_nonsense(policy), *_unreachable(policy))


def _gaps(policy: ReturnPolicy) -> Iterator[Finding]:
    example = Subject(market=OTHER, channel=OTHER, category=OTHER, sku=OTHER)
    why = effective(policy, example).why
    missing = [name for name in FIELDS if not why[name].rule]
    if missing:
        text = f"no global rule says {', '.join(missing)}: built-in values hold; add them to a rule without scope"
        yield Finding(kind="gap", text=text, rules=(), example=example)


def _ties(policy: ReturnPolicy) -> Iterator[Finding]:
    """Two rules of the same rank that hold for the same line and do not agree."""
    for first, second in combinations([rule for rule in policy.rules if not rule.is_minimum], 2):
        both = _meet(first, second)
        if first.rank != second.rank or both is None:
            continue
        ours, theirs = first.said(), second.said()
        for name in sorted(ours.keys() & theirs.keys()):
            if ours[name] != theirs[name]:
                text = (
                    f"{first.name!r} and {second.name!r} differ on {name} ({ours[name]}, {theirs[name]}); "
                    "the first counts; name one more scope in the one that should"
                )
                yield Finding(kind="contradiction", text=text, rules=(first.name, second.name), example=both)


def _meet(first: PolicyRule, second: PolicyRule) -> Subject | None:
    fields: dict[str, str] = {}
    for level in LEVELS[1:]:
        ours, theirs = getattr(first, level), getattr(second, level)
        if ours and theirs and ours != theirs:
            return None
        fields[level] = ours or theirs or OTHER
    return Subject.model_validate(fields)


def _nonsense(policy: ReturnPolicy) -> Iterator[Finding]:
    """Values that cannot both be meant, wherever rules bring them together."""
    seen: set[tuple[str, ...]] = set()
    for rule in policy.rules:
        for example in _examples(policy, rule):
            found = effective(policy, example)
            for fields, text in _clashes(found.terms):
                rules = tuple(dict.fromkeys(found.why[name].rule for name in fields if found.why[name].rule))
                if rules and (text, *rules) not in seen:
                    seen.add((text, *rules))
                    yield Finding(kind="contradiction", text=text, rules=rules, example=example)


def _clashes(terms: Terms) -> Iterator[tuple[tuple[str, ...], str]]:
    if terms.final_sale and terms.instant_refund != "never":
        yield (
            ("final_sale", "instant_refund"),
            "what is sold for good cannot be refunded instantly; drop one of the two",
        )
    if terms.final_sale and any(terms.keep_below_minor.values()):
        yield ("final_sale", "keep_below_minor"), "what is sold for good is never refunded, so nothing is kept for free"
    if not terms.final_sale and terms.window_days == 0:
        yield (
            ("final_sale", "window_days"),
            "a window of 0 days lets nothing come back; say final_sale if that is meant",
        )
    if not terms.accepted_grades and not terms.final_sale:
        yield ("accepted_grades", "final_sale"), "no grade is accepted, so every return ends with a person; name grades"
    if terms.shipping_paid_by == "merchant" and any(terms.return_fee_minor.values()):
        yield ("shipping_paid_by", "return_fee_minor"), "the merchant pays the label, so no fee is ever taken for it"


def _unreachable(policy: ReturnPolicy) -> Iterator[Finding]:
    """A value of a rule that decides for no line at all, since narrower rules or minimums always do."""
    for rule in policy.rules:
        examples = list(_examples(policy, rule))
        decided = {
            name
            for example in examples
            for name, why in effective(policy, example).why.items()
            if why.rule == rule.name
        }
        dead = [name for name in rule.said() if name not in decided]
        if dead:
            winner = effective(policy, examples[0]).why[dead[0]].rule or "the value that it would raise"
            text = f"{rule.name!r} never decides {', '.join(dead)}: {winner!r} does; drop it or narrow the other"
            yield Finding(kind="unreachable", text=text, rules=(rule.name,), example=examples[0])


def _examples(policy: ReturnPolicy, rule: PolicyRule) -> Iterator[Subject]:
    """Lines that the rule applies to: one for every way in which other rules could matter."""
    choices: list[tuple[str, ...]] = []
    for level in LEVELS[1:]:
        own = getattr(rule, level)
        named = sorted({getattr(other, level) for other in policy.rules} - {""})
        choices.append((own,) if own else (OTHER, *named))
    for number, values in enumerate(product(*choices)):
        if number == ENOUGH:
            return
        fields: dict[str, Any] = dict(zip(LEVELS[1:], values, strict=True))
        yield Subject.model_validate(fields)
