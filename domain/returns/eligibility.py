"""What may come back: per line and quantity, each refusal with its reason."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from domain.base import Frozen
from domain.returns.effective import Effective

Reason = Literal[
    "too_big", "too_small", "changed_mind", "defective", "damaged_in_transit", "wrong_item", "not_as_described",
    "late", "refused_delivery", "other",
]  # fmt: skip
OUR_FAULT: frozenset[str] = frozenset({"defective", "damaged_in_transit", "wrong_item", "not_as_described", "late"})
"""Reasons for which the buyer pays neither shipping nor a fee."""
Code = Literal["unknown_line", "bad_quantity", "not_shipped", "already_returned", "window_closed", "final_sale"]


class ReturnableLine(Frozen):
    """A line as its order's facts show it; `authorized` are units of other returns."""

    line_id: str
    sku: str
    shipped: int
    authorized: int = 0
    delivered_at: datetime | None = None
    effective: Effective


class WantedLine(Frozen):
    """Units of a line that somebody wants to send back."""

    line_id: str
    quantity: int
    reason: Reason = "other"


class Refusal(Frozen):
    """Why some units may not come back, in a code and in words."""

    code: Code
    text: str


class Verdict(Frozen):
    """How many of the wanted units may come back."""

    line_id: str
    wanted: int
    eligible: int
    refusals: tuple[Refusal, ...] = ()


def judge(
    lines: Iterable[ReturnableLine], wanted: Sequence[WantedLine], now: datetime, timezone: str
) -> tuple[Verdict, ...]:
    """One verdict per wanted line; a line that is named twice is judged as one wish."""
    known = {line.line_id: line for line in lines}
    units: dict[str, int] = {}
    for wish in wanted:
        units[wish.line_id] = units.get(wish.line_id, 0) + wish.quantity if wish.quantity > 0 else 0
    return tuple(
        _judge_one(known.get(line_id), line_id, quantity, now, timezone) for line_id, quantity in units.items()
    )


def _judge_one(line: ReturnableLine | None, line_id: str, wanted: int, now: datetime, timezone: str) -> Verdict:
    refusals: list[Refusal] = []
    if line is None:
        refusals.append(Refusal(code="unknown_line", text=f"the order has no line {line_id}; see its lines"))
    elif wanted <= 0:
        refusals.append(Refusal(code="bad_quantity", text=f"{line_id}: name a whole number of units from 1"))
    else:
        refusals += _refusals(line, now, timezone)
    if line is None or refusals:
        return Verdict(line_id=line_id, wanted=wanted, eligible=0, refusals=tuple(refusals))
    left = max(0, line.shipped - line.authorized)
    if wanted > left:
        code: Code = "not_shipped" if wanted > line.shipped else "already_returned"
        text = f"{line_id}: {line.shipped} shipped, {line.authorized} in returns, so {left} may come back, not {wanted}"
        refusals.append(Refusal(code=code, text=text))
    return Verdict(line_id=line_id, wanted=wanted, eligible=min(wanted, left), refusals=tuple(refusals))


def _refusals(line: ReturnableLine, now: datetime, timezone: str) -> list[Refusal]:
    found = []
    if not line.shipped:
        found.append(Refusal(code="not_shipped", text=f"{line.line_id} has not shipped; cancel it instead"))
    if line.effective.terms.final_sale:
        rule = line.effective.why["final_sale"].rule
        found.append(Refusal(code="final_sale", text=f"{line.line_id} is sold for good (rule {rule!r})"))
    ends_at = window_ends(line, timezone)
    if ends_at is not None and now >= ends_at:
        days, rule = line.effective.terms.window_days, line.effective.why["window_days"].rule or "built-in"
        text = f"{line.line_id}: the window of {days} days closed on {ends_at:%Y-%m-%d} (rule {rule!r})"
        found.append(Refusal(code="window_closed", text=text))
    return found


def window_ends(line: ReturnableLine, timezone: str) -> datetime | None:
    """The midnight after the window's last day, where the policy counts days; None before anything was delivered."""
    if line.delivered_at is None:
        return None
    zone = ZoneInfo(timezone)
    last_day = line.delivered_at.astimezone(zone).date() + timedelta(days=line.effective.terms.window_days + 1)
    return datetime.combine(last_day, time(), zone)
