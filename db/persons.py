"""The person behind an order: sealed under a key of their own, read only where a parcel or a page needs them."""

from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, select, update

from db.order_reading import ORDERS
from db.tables.inbox import InboxRow
from db.vault import SUBJECTS, ErasedError, Vault
from domain.channel_order import Address, Buyer, ChannelOrder

INBOX = InboxRow.__table__  # type: ignore[attr-defined]


_SEALED = select(ORDERS.c.subject_id, ORDERS.c.sealed_person).where(ORDERS.c.id == bindparam("order_id"))
_ERASED = select(SUBJECTS.c.erased_at).where(SUBJECTS.c.id == bindparam("subject_id"))
_OWNER_ERASED = (
    select(SUBJECTS.c.erased_at)
    .join(ORDERS, ORDERS.c.subject_id == SUBJECTS.c.id)
    .where(ORDERS.c.id == bindparam("order_id"))
)


class Person(NamedTuple):
    """Buyer and destination; `channel_ship_to` is what the channel last said, `ship_to` what holds."""

    buyer: Buyer
    ship_to: Address | None
    channel_ship_to: Address | None


def subject_of(vault: Vault, connection_id: str, order: ChannelOrder) -> str:
    """Who the data belongs to: the same e-mail address is the same person, else the channel's id, else the order."""
    who = (
        order.buyer.email.strip().lower()
        or f"{connection_id}/{order.buyer.external_id or 'order ' + order.external_id}"
    )
    return "s-" + vault.cipher.blind_index(who)[:24]


def living(tx: Connection, subject_id: str, placed_at: datetime) -> str:
    """Who ordered after having been erased is a new person, of whom nothing earlier is known."""
    erased_at = tx.execute(_ERASED, {"subject_id": subject_id}).scalar()
    if erased_at is None or placed_at <= erased_at:
        return subject_id
    return living(tx, f"{subject_id}-{erased_at:%Y%m%d%H%M%S}", placed_at)


def seal(tx: Connection, vault: Vault, subject_id: str, person: Person) -> bytes | None:
    """None when the person was erased: what arrives later about them is not kept."""
    document = {
        "buyer": person.buyer.model_dump(mode="json"),
        "ship_to": person.ship_to.model_dump(mode="json") if person.ship_to else None,
        "channel_ship_to": person.channel_ship_to.model_dump(mode="json") if person.channel_ship_to else None,
    }
    try:
        return vault.seal(tx, subject_id, document, email=person.buyer.email)
    except ErasedError:
        return None


def person_of(tx: Connection, vault: Vault, order_id: str) -> Person:
    """Raises ErasedError when there is nothing left to read."""
    row = tx.execute(_SEALED, {"order_id": order_id}).one()
    return opened(tx, vault, row.subject_id, row.sealed_person)


def opened(tx: Connection, vault: Vault, subject_id: str, sealed: bytes | None) -> Person:
    """Unseal a stored person."""
    if sealed is None:
        raise ErasedError(subject_id)
    document: dict[str, Any] = vault.unseal(tx, subject_id, sealed)
    return Person(
        Buyer.model_validate(document["buyer"]),
        Address.model_validate(document["ship_to"]) if document["ship_to"] else None,
        Address.model_validate(document["channel_ship_to"]) if document["channel_ship_to"] else None,
    )


def is_erased(tx: Connection, order_id: str | None) -> bool:
    """Whether the order's person was erased: what still arrives about them is not kept."""
    return tx.execute(_OWNER_ERASED, {"order_id": order_id}).scalar() is not None


def erase(tx: Connection, vault: Vault, subject_id: str, now: datetime) -> int:
    """Destroy the person's key and every raw delivery about their orders; returns how many orders were theirs.

    Ledgers, decisions and facts stay: they hold no personal data. Repeatable.
    """
    vault.destroy(tx, subject_id, now)
    orders = tx.execute(select(ORDERS.c.id).where(ORDERS.c.subject_id == subject_id)).scalars().all()
    tx.execute(
        update(ORDERS)
        .where(ORDERS.c.subject_id == subject_id)
        .values(sealed_person=None, email_index=None, name_index=None, address_ok=False)
    )  # fmt: skip
    tx.execute(update(INBOX).where(INBOX.c.order_id.in_(orders)).values(sealed_body=b""))
    return len(orders)


def forget_old_pages(engine: Engine) -> None:
    """After an erasure on SQLite: the write-ahead log must not keep what was overwritten. Waits for transactions."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as raw:  # outside any transaction
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
