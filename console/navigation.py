"""The pages that the navigation leads to: a page is added here by one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.may import Role


@dataclass(frozen=True)
class Place:
    """A page in the navigation; `key` is the letter that follows `g`."""

    path: str
    title: str
    icon: str
    key: str
    role: Role = "viewer"


PLACES: tuple[Place, ...] = (
    Place("/", "Today", "o_insights", "t"),
    Place("/exceptions", "Exceptions", "o_report", "e"),
)  # fmt: skip
