"""What one version of some rules changes against another, stored or not."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Connection

from domain.changes import Change, by_name, changes
from runtime.wiring import Hub

Against = Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$")]
"""The version that something not stored is compared with; none: everything of it is new."""


class ComparedOut(BaseModel):
    """Rules that nobody has stored: what they change, and what looks wrong about them."""

    changes: list[Change]
    warnings: list[str] = []


def rule_changes(before: BaseModel | None, after: BaseModel) -> list[Change]:
    """Rule by rule; against no version everything is new."""
    told = {} if before is None else before.model_dump(mode="json")
    return list(changes(by_name(told), by_name(after.model_dump(mode="json"))))


async def changes_against(
    hub: Hub, load: Callable[[Connection, str], BaseModel], against: str | None, wanted: BaseModel
) -> list[Change]:
    """What `wanted`, which nobody has stored, changes against a stored version."""
    before = await hub.database.read(lambda tx: load(tx, against)) if against else None
    return rule_changes(before, wanted)
