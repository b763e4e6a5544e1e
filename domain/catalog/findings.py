"""What stands between a product and a channel: findings that name field, channel and remedy, and waivers of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from pydantic import Field

from domain.base import Frozen

Severity = Literal["blocking", "warning"]
Gate = Literal[
    "lifecycle", "required", "attribute", "value", "length", "markup", "media_count", "media_file", "media_size",
    "media_ratio", "gtin", "category", "price", "price_floor", "currency", "stock", "compliance", "forbidden_word",
    "tone", "schema",
]  # fmt: skip


class GateRule(NamedTuple):
    """How severe a finding is unless the form says otherwise, and which role may waive it (empty: nobody can)."""

    severity: Severity
    waiver_role: Literal["", "operations", "admin"]


GATES: Mapping[Gate, GateRule] = {
    "lifecycle": GateRule("blocking", ""),  # make the product ready instead
    "required": GateRule("blocking", ""),  # there is nothing that could be sent
    "attribute": GateRule("blocking", "operations"),
    "value": GateRule("blocking", ""),
    "length": GateRule("blocking", ""),
    "markup": GateRule("warning", "operations"),
    "media_count": GateRule("blocking", "operations"),
    "media_file": GateRule("blocking", ""),
    "media_size": GateRule("blocking", "operations"),
    "media_ratio": GateRule("warning", "operations"),
    "gtin": GateRule("blocking", "operations"),
    "category": GateRule("blocking", ""),
    "price": GateRule("blocking", ""),
    "price_floor": GateRule("blocking", "admin"),
    "currency": GateRule("blocking", ""),
    "stock": GateRule("blocking", "operations"),
    "compliance": GateRule("blocking", "admin"),
    "forbidden_word": GateRule("blocking", "admin"),
    "tone": GateRule("warning", "operations"),
    "schema": GateRule("blocking", "operations"),
}


def waiver_role(gate: str) -> str:
    """Which role may waive what this gate finds; empty: nobody, also for what a platform itself refuses."""
    rule = next((rule for name, rule in GATES.items() if name == gate), None)
    return rule.waiver_role if rule else ""


class Finding(Frozen):
    """One thing that is wrong; `field` is the channel's or the master's name of it, `sku` is empty for the product."""

    gate: Gate
    channel: str
    field: str
    sku: str = ""
    severity: Severity
    text: str
    remedy: str
    waived_by: str = Field(default="", description="who answers for it; it stops nothing then")

    @property
    def stops(self) -> bool:
        """Whether nothing may be published with it."""
        return self.severity == "blocking" and not self.waived_by

    def __str__(self) -> str:
        place = f"{self.sku} {self.field}" if self.sku else self.field
        return f"{place} on {self.channel}: {self.text}; {self.remedy}"


class Waiver(Frozen):
    """Somebody answers for a gate of a product on a connection; empty `sku` and `field` stand for all of them."""

    gate: Gate
    sku: str = ""
    field: str = ""
    approver: str
    until: datetime | None = None

    def covers(self, finding: Finding, at: datetime) -> bool:
        """Whether it answers for this finding at that time."""
        return (
            self.gate == finding.gate
            and self.sku in {"", finding.sku}
            and self.field in {"", finding.field}
            and (self.until is None or at < self.until)
            and bool(GATES[self.gate].waiver_role)
        )


def waived(findings: Iterable[Finding], waivers: Iterable[Waiver], at: datetime) -> tuple[Finding, ...]:
    """The same findings, each with who answers for it."""
    known = tuple(waivers)

    def one(finding: Finding) -> Finding:
        answers = next((waiver.approver for waiver in known if waiver.covers(finding, at)), "")
        return finding.model_copy(update={"waived_by": answers}) if answers else finding

    return tuple(map(one, findings))
