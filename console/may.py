"""What a role may do: what it may not is not offered (and refused by the API all the same)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from console.session import Person

Role = Literal["viewer", "support", "operations", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "support", "operations", "admin")
"""Each may do what the ones before it may."""


def may(person: Person, role: Role) -> bool:
    """Whether the person's role is high enough."""
    return person.role in ROLES and ROLES.index(person.role) >= ROLES.index(role)
