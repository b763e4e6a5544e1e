"""The kinds of rules that the hub keeps by version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from console.may import Role


@dataclass(frozen=True)
class Kind:
    """`path` is where the API keeps them; `force` is the call that puts a stored version in force ("" when storing does)."""

    key: str
    title: str
    path: str
    note: str
    force: str = "activate"
    verb: str = "Put in force"
    role: Role = "operations"
    """Who may put a version in force; operations may write one."""

    def effect(self, version: str, before: str) -> list[str]:
        """What putting a version in force does."""
        instead = f" instead of {before}" if before else ""
        return [f"{version} is in force from now on{instead}.", self.note]


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("sourcing", "Sourcing", "/sourcing-rules", "Decisions that were made keep the rules they were made by."),
        Kind(
            "allocation", "Allocation", "/allocation-rules",
            "Every number on every channel is computed anew. It was previewed before.",
            force="approve", verb="Approve", role="admin",
        ),
        Kind(
            "returns", "Return policy", "/return-policies",
            "Returns that are open keep the terms they were opened by.",
        ),
        Kind(
            "alerts", "Alerts", "/alerts/rules", "Alerts that its rules do not raise are cleared.",
            force="",
        ),
    )
}  # fmt: skip


def in_force(versions: list[dict[str, Any]]) -> str:
    """The version that is active; empty when none is."""
    return next((each["version"] for each in versions if each["active"]), "")
