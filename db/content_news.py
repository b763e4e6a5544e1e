"""What a webhook says of a listing: our own writes come back by it and are no news; what is new has the hub look at once."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db.flows import CONTENT, running
from db.offered import OFFERED, key_of
from db.syncs import wake
from domain.launch.sameness import same
from domain.money import exponent
from domain.news import ListingNews

UNDER_WAY = frozenset({"sent", "accepted", "refused"})


def heard(tx: Connection, connection_id: str, news: ListingNews, now: datetime) -> str:
    """In a word. The value decides, not the sender: what is as it was confirmed, or as it is being told, is an echo."""
    mine = (OFFERED.c.connection_id == connection_id, OFFERED.c.external_id == news.external_id)
    row = tx.execute(select(OFFERED).where(*mine).with_for_update()).first()
    if row is None or connection_id not in running(tx, CONTENT):
        return "listing that is not kept in step"
    if row.held_by.startswith("launch:"):
        return "listing of a launch"
    if not (news.is_gone or _is_new(row, news)):
        return "listing as told"
    if row.state not in UNDER_WAY or row.look_at is None:
        tx.execute(update(OFFERED).where(key_of(row)).values(look_at=now))
    wake(tx, CONTENT, {connection_id})
    return "listing changed by others"


def _is_new(row: Row[Any], news: ListingNews) -> bool:
    """Of what we show there; other fields are their owners' business."""
    ours = {name: _among(row, name) for name in {*news.fields, *news.amounts} if name in row.confirmed}
    told = news.fields | {name: _money(row.confirmed.get(name), amount) for name, amount in news.amounts.items()}
    return any(not any(same(name, told[name], value) for value in known) for name, known in ours.items())


def _among(row: Row[Any], name: str) -> list[Any]:
    """What was confirmed of it, and what is under way."""
    sending = row.sending or {}
    return [row.confirmed[name], *([sending[name]] if name in sending else [])]


def _money(confirmed: Any, amount: Decimal | None) -> Any:
    """In the currency in which we know it."""
    if amount is None or not confirmed:
        return None if amount is None else {"amount": str(amount)}
    currency = confirmed["currency"]
    return {"amount_minor": int(amount.scaleb(exponent(currency))), "currency": currency}
