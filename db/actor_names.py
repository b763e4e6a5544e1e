"""Whose name stands behind what an audit row or a fact says who did it."""

from sqlalchemy import Connection

from db.rows import row
from db.users import USERS, opened
from db.vault import ErasedError, Vault


def shown(tx: Connection, vault: Vault, actor: str) -> str:
    """A user's name for their id; keys, platforms and parts of the hub go by their own."""
    found = row(tx, USERS, actor) if actor.startswith("user_") else None
    if found is None:
        return actor
    try:
        return opened(tx, vault, found).name
    except ErasedError:
        return actor


class Names:
    """The same for many at once, each looked up once."""

    def __init__(self, tx: Connection, vault: Vault) -> None:
        self._tx = tx
        self._vault = vault
        self._known: dict[str, str] = {}

    def __getitem__(self, actor: str) -> str:
        if actor not in self._known:
            self._known[actor] = shown(self._tx, self._vault, actor)
        return self._known[actor]
