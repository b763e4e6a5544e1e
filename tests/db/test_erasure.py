"""After an erasure nothing of the person is in the database's files, and nothing brings it back."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from db.inbox import INBOX, Arrived, finish, store
from db.order_reading import ORDERS
from db.persons import erase, forget_old_pages, person_of
from db.session import Database
from db.vault import SUBJECTS, ErasedError
from domain.channel_order import Address, Buyer, ChannelOrder
from tests.db.migrated import migrated
from tests.db.world import KEYS, NOW, VAULT, channel_order, found, later, take

CANARY = "Zyxwanda Quillfeather"
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    migrated(sqlite_url)
    database = Database(sqlite_url)
    database.write_now(found)
    yield database
    database.close()


def planted(number: int) -> ChannelOrder:
    """An order of the same invented person."""
    address = Address(name=CANARY, line1=f"{CANARY} Lane 1", city="Berlin", postal_code="10115", country="DE")
    buyer = Buyer(name=CANARY, email="zyx.quill@example.com")
    return channel_order(number, TEE=1).model_copy(update={"ship_to": address, "buyer": buyer})


def traces(folder: Path, *needles: bytes) -> list[str]:
    """The files of the database, its journal included, in which any of these bytes stand."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def deliver(tx: Connection) -> None:
    """The raw delivery that the order came in by, larger than a page of the database even when it is packed."""
    store(tx, KEYS, Arrived("web", "orders/create", "e1", CANARY.encode() + random.Random(1).randbytes(20_000)), NOW)
    finish(tx, 1, "done", "order new", NOW, order_id="web-1")


def test_the_search_finds_what_stands_in_clear(database: Database, tmp_path: Path) -> None:
    order = planted(1).model_copy(update={"number": CANARY})

    database.write_now(lambda tx: take(tx, order))

    assert traces(tmp_path, CANARY.encode()) != []


def test_an_erased_person_is_in_no_file_and_cannot_be_read(database: Database, tmp_path: Path) -> None:
    order_id = database.write_now(lambda tx: take(tx, planted(1)))
    database.write_now(deliver)
    kept = database.read_now(lambda tx: tx.execute(select(ORDERS)).one())
    wrapped = database.read_now(lambda tx: tx.execute(select(SUBJECTS.c.wrapped_key)).scalar_one())
    raw = database.read_now(lambda tx: tx.execute(select(INBOX.c.sealed_body)).scalar_one())
    secrets = (
        CANARY.encode(),
        b"zyx.quill",
        kept.email_index.encode(),
        kept.sealed_person,
        wrapped,
        raw[:32],
        raw[15_000:15_032],
    )
    before = [traces(tmp_path, secret) != [] for secret in secrets]

    orders = database.write_now(lambda tx: erase(tx, VAULT, kept.subject_id, LATER))
    forget_old_pages(database.engine)

    assert before == [False, False, True, True, True, True, True]
    assert orders == 1
    assert traces(tmp_path, *secrets) == []
    with pytest.raises(ErasedError):
        database.read_now(lambda tx: person_of(tx, VAULT, order_id))
    with pytest.raises(ErasedError):
        database.read_now(lambda tx: VAULT.unseal(tx, kept.subject_id, kept.sealed_person))


def test_a_late_copy_brings_nothing_back_and_a_later_order_is_of_a_new_person(database: Database) -> None:
    def play(tx: Connection) -> tuple[object, ...]:
        order_id = take(tx, planted(1))
        subject = tx.execute(select(ORDERS.c.subject_id)).scalar_one()
        erased = [erase(tx, VAULT, subject, later(minutes=1)) for _ in range(2)]
        take(tx, planted(1).model_copy(update={"updated_at": later(minutes=2)}))
        sealed = tx.execute(select(ORDERS.c.sealed_person).where(ORDERS.c.id == order_id)).scalar()
        again = take(tx, planted(2).model_copy(update={"placed_at": later(minutes=3)}))
        return erased, sealed, person_of(tx, VAULT, again).buyer.name

    assert database.write_now(play) == ([1, 1], None, CANARY)
