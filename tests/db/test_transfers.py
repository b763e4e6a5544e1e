"""Transfers: gone from one place at once, at the other when they arrive, and never out of what is promised."""

import pytest

from db import connections, locations, transfers
from db.exceptions import EXCEPTIONS
from db.ledger import LEVELS, verify
from db.restock import receive
from domain.errors import DomainError
from tests.db.world import KEYS, NOW, found


@pytest.fixture
def places(database):
    def work(tx) -> None:
        found(tx)
        berlin = locations.load(tx, "berlin")
        connections.create(tx, KEYS, "store-2", platform="store", config={}, now=NOW)
        locations.put(tx, berlin.model_copy(update={"id": "bonn", "connection_id": "store-2", "external_id": ""}))
        receive(tx, "r1", "TEE", "berlin", 10, at=NOW)

    database.write_now(work)
    return database


def send(database, quantity: int = 4) -> None:
    database.write_now(lambda tx: transfers.send(tx, "t1", "TEE", "berlin", "bonn", quantity, at=NOW))


def balances(database) -> dict[str, tuple[int, int]]:
    rows = database.read_now(lambda tx: list(tx.execute(LEVELS.select())))
    return {row.location_id: (row.on_hand, row.in_transit) for row in rows}


def test_units_are_in_transit_until_they_arrive(places):
    send(places)
    on_the_way = balances(places)
    places.write_now(lambda tx: transfers.arrive(tx, "t1", 4, at=NOW))

    assert on_the_way == {"berlin": (6, 0), "bonn": (0, 4)}
    assert balances(places) == {"berlin": (6, 0), "bonn": (4, 0)}
    assert places.read_now(verify) == ()
    assert places.read_now(transfers.under_way) == []


def test_doing_it_twice_does_it_once(places):
    send(places)
    send(places)
    for _ in range(2):
        places.write_now(lambda tx: transfers.arrive(tx, "t1", 4, at=NOW))

    assert balances(places) == {"berlin": (6, 0), "bonn": (4, 0)}


def test_what_arrives_is_booked_as_it_is_and_the_difference_shown(places):
    send(places)
    places.write_now(lambda tx: transfers.arrive(tx, "t1", 3, at=NOW))
    shown = places.read_now(lambda tx: [row.kind for row in tx.execute(EXCEPTIONS.select())])

    assert balances(places)["bonn"] == (3, 0)
    assert shown == ["transfer_differs"]


@pytest.mark.parametrize(("quantity", "code"), [(11, "not_enough_stock"), (0, "bad_request")])
def test_a_transfer_that_cannot_be_is_refused(places, quantity, code):
    with pytest.raises(DomainError) as refused:
        send(places, quantity)

    assert refused.value.code == code
    assert balances(places) == {"berlin": (10, 0)}
