"""Alert rules as versioned data: what is watched, from when on it is an alert, whose it is, and who is told."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from domain.base import Frozen
from domain.causes import Cause

Kind = Literal["atp", "days_of_cover", "drift", "content_drift", "stale_count", "stuck_queue", "connection_down"]
KINDS: dict[Kind, tuple[str, str]] = {
    "atp": ("units of {subject} can be promised", "Receive or transfer stock, or take the item off sale."),
    "days_of_cover": ("days of cover are left of {subject}", "Order it again, or slow its sale down."),
    "drift": (
        "percent of the numbers of {subject} are not as they should be",
        "See whose they are (tutti stock drift).",
    ),
    "content_drift": (
        "percent of the fields that {subject} shows are not as they should be",
        "See whose they are (tutti content drift) and what is held (tutti content listings).",
    ),
    "stale_count": ("days have passed since {subject} was counted", "Count the location (tutti stock import)."),
    "stuck_queue": ("minutes is the oldest of {subject} overdue", "Look at the worker and at the connection's health."),
    "connection_down": ("minutes have passed since {subject} last answered", "Mend its cause, then resume it."),
}
"""What the value is of, and what to do; the first is read as a sentence after the value."""
BELOW: frozenset[Kind] = frozenset({"atp", "days_of_cover"})
"""Alerts when the value is under the limit; the others are when it is over."""
TARGET = r"^([^@\s]+@[^@\s]+|webhook:[a-z0-9-]{1,40})$"


class AlertRule(Frozen):
    """One rule: it holds for the named subjects (items, connections, locations; none: all).

    `notify` are mail addresses and `webhook:NAME`s of the setting TUTTI_ALERT_WEBHOOKS; the API tells everybody.
    At most `at_most` alerts of a rule are open at once, the worst first.
    """

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    kind: Kind
    limit: Annotated[float, Field(ge=0, le=1_000_000)]
    severity: Literal["info", "warning", "critical"] = "warning"
    owner: Annotated[str, Field(max_length=200)] = ""
    subjects: tuple[str, ...] = ()
    notify: tuple[Annotated[str, Field(pattern=TARGET)], ...] = ()
    at_most: Annotated[int, Field(ge=1, le=1000)] = 50

    def fires(self, value: float) -> bool:
        return value < self.limit if self.kind in BELOW else value > self.limit

    def cause(self, subject: str, value: float) -> Cause:
        """The alert as an exception by cause: one per rule and subject, however often it is found."""
        what, remedy = KINDS[self.kind]
        return Cause(
            kind=f"alert_{self.kind}",
            subject=f"{self.name}:{subject}",
            title=f"{value:.4g} {what.format(subject=subject)} ({self.name}: limit {self.limit:g})",
            remedy=remedy,
            severity=self.severity,
            blocks=False,
        )


class AlertRules(Frozen):
    """One version of all rules; a version never changes."""

    model_config = ConfigDict(extra="forbid")
    version: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]
    rules: tuple[AlertRule, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> "AlertRules":
        names = [rule.name for rule in self.rules]
        if len(set(names)) < len(names):
            raise ValueError("rules: two of them have the same name; alerts are told apart by it")
        return self


class Firing(Frozen):
    """Something that a rule watches, and how it stands."""

    subject: str
    value: float
