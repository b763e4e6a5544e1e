"""What one version of some rules changes against another, stored or not."""

from pydantic import BaseModel

from domain.changes import Change, by_name, changes


class ComparedOut(BaseModel):
    """Rules that nobody has stored: what they change, and what looks wrong about them."""

    changes: list[Change]
    warnings: list[str] = []


def rule_changes(before: BaseModel | None, after: BaseModel) -> list[Change]:
    """Rule by rule; against no version everything is new."""
    told = {} if before is None else before.model_dump(mode="json")
    return list(changes(by_name(told), by_name(after.model_dump(mode="json"))))
