"""Who acts: the roles of users and API keys, and the one who makes a change."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["viewer", "support", "operations", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "support", "operations", "admin")
"""Each may do what the ones before it may."""


@dataclass(frozen=True)
class Actor:
    """Who asks: a key by its name or a user by their id, the role, and the address the request came from."""

    name: str
    role: Role
    origin: str = ""
    id: str = ""
    session_id: str = ""
    """Of a user who signed in; empty for a key."""

    def may(self, needed: Role) -> bool:
        """Whether the role is high enough."""
        return ROLES.index(self.role) >= ROLES.index(needed)
