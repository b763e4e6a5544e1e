"""The open page as its own code sees it: the API, the person, the address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nicegui import ui

from console.may import may

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from console.api import Api
    from console.may import Role
    from console.session import Person


class Here:
    """`api` speaks to the hub as `person`; `query` is what stands after the `?` of the address."""

    def __init__(
        self, api: Api, person: Person, path: str, query: Mapping[str, str], refill: Callable[[], Awaitable[None]]
    ) -> None:
        self.api = api
        self.person = person
        self.path = path
        self.query = dict(query)
        self.reload = refill
        """Build the page's content anew, from what the hub says now."""

    def may(self, role: Role) -> bool:
        """Whether the person may do what needs this role: do not offer it otherwise."""
        return may(self.person, role)

    def remember(self, **changes: str | None) -> None:
        """Change what stands after the `?` in the address bar, so that it can be kept and shared; None removes."""
        told = {name: value for name, value in (self.query | changes).items() if value}
        self.query.clear()
        self.query.update(told)
        ui.navigate.history.replace(address(self.path, self.query))


def address(path: str, query: Mapping[str, str | None]) -> str:
    """An address of the console with its query."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
