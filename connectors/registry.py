"""Finds connectors by the entry point group "tutti.connectors"; ours register like anyone's."""

from functools import cache
from importlib.metadata import entry_points

from connectors.contract import Connector
from domain.errors import DomainError


@cache
def installed() -> dict[str, type[Connector]]:
    """Every connector class of this environment, by platform name."""
    return {point.name: point.load() for point in entry_points(group="tutti.connectors")}


def connector(platform: str) -> type[Connector]:
    """The class for a platform; a DomainError that lists what is installed otherwise."""
    found = installed().get(platform)
    if found is None:
        known = ", ".join(sorted(installed()))
        raise DomainError("unknown_platform", f"no connector for {platform!r} is installed; installed are: {known}")
    return found
