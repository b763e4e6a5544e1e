"""Two people at one thing: a change that was asked for on an older version than the one there is, is refused."""

from typing import Annotated

from fastapi import Depends, Header
from sqlalchemy import Connection

from api.deps import HubDep
from api.errors import ProblemError
from db.actor_names import shown
from db.versions import Thing

IfMatch = Annotated[
    str | None,
    Header(max_length=200, description='`"version"` of what was looked at; a 412 says who changed it meanwhile'),
]


class Expected:
    """What the caller looked at, if it says so."""

    def __init__(self, hub: HubDep, if_match: IfMatch = None) -> None:
        self._vault = hub.vault
        self._seen = None if if_match is None or if_match == "*" else if_match.removeprefix("W/").strip('"')

    def check(self, tx: Connection, thing: Thing) -> None:
        """Call it first in the transaction of the change."""
        if self._seen is None:
            return
        if thing.version(tx) == self._seen:
            return
        change = thing.changed_since(tx, self._seen)
        more = {}
        if change is not None:
            more = {"changed_by": shown(tx, self._vault, change.by), "changed_at": change.at, "what": change.what}
        text = "somebody changed this after you had looked at it; look again, then decide"
        raise ProblemError(412, "changed_meanwhile", text, more=more)


Unchanged = Annotated[Expected, Depends()]
