"""The names behind the ids of connections and locations: an operator never reads an id where there is a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.here import Here


@dataclass(frozen=True)
class Names:
    """By id."""

    connections: dict[str, str]
    locations: dict[str, str]

    def connection(self, connection_id: str) -> str:
        return self.connections.get(connection_id) or connection_id

    def location(self, location_id: str) -> str:
        return self.locations.get(location_id) or location_id


async def names(here: Here) -> Names:
    """As the hub has them now."""
    return Names(await connections(here), await locations(here))


async def connections(here: Here) -> dict[str, str]:
    """The names of connections by id."""
    return by_id(await here.api.get("/connections"))


async def locations(here: Here) -> dict[str, str]:
    """The names of locations by id."""
    return by_id(await here.api.get("/locations"))


def by_id(things: Iterable[dict[str, Any]]) -> dict[str, str]:
    """What has no name is called by its id."""
    return {each["id"]: each["name"] or each["id"] for each in things}
