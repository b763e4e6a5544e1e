"""The filters that a user saved for a page, sealed under the user's key."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from db.tables.users import SavedViewRow
from db.upsert import put
from db.vault import Vault
from domain.errors import DomainError

VIEWS = SavedViewRow.__table__  # type: ignore[attr-defined]
MOST = 100
"""Per user."""


def save(
    tx: Connection, vault: Vault, user_id: str, page: str, name: str, query: dict[str, Any], now: datetime
) -> None:
    """Save a view, or write over the one of this name."""
    others = (VIEWS.c.user_id == user_id) & ~((VIEWS.c.page == page) & (VIEWS.c.name == name))
    if int(tx.execute(select(func.count()).select_from(VIEWS).where(others)).scalar_one()) >= MOST:
        raise DomainError("too_many_views", f"you have {MOST} saved views; delete some first")
    sealed = vault.seal(tx, user_id, query)
    row = {"user_id": user_id, "page": page, "name": name, "sealed_query": sealed, "changed_at": now}
    put(tx, VIEWS, row, keys=("user_id", "page", "name"))


def of_page(tx: Connection, vault: Vault, user_id: str, page: str) -> dict[str, dict[str, Any]]:
    """A user's views of a page by name."""
    mine = select(VIEWS).where(VIEWS.c.user_id == user_id, VIEWS.c.page == page).order_by(VIEWS.c.name)
    return {row.name: vault.unseal(tx, user_id, row.sealed_query) for row in tx.execute(mine).all()}


def remove(tx: Connection, user_id: str, page: str, name: str) -> None:
    """Repeatable."""
    tx.execute(delete(VIEWS).where(VIEWS.c.user_id == user_id, VIEWS.c.page == page, VIEWS.c.name == name))
