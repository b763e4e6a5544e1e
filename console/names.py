"""Who stands behind an id: the names of the people who sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.here import Here


class Names(dict[str, str]):
    """Users by id; keys, platforms and parts of the hub go by their own names."""

    def __missing__(self, actor: str) -> str:
        return actor or "—"


async def names(here: Here) -> Names:
    """As the hub has them now."""
    return Names(await here.api.get("/users/names"))
