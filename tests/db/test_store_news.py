"""Counts and counter sales: true at their own time, whatever the order they are heard of in; held while unmapped."""

from datetime import timedelta
from itertools import permutations

import pytest

from db import connections, locations, sku_mapping, store_news
from db.exceptions import EXCEPTIONS
from db.ledger import LEVELS, verify
from db.restock import receive
from domain.item import Alias
from domain.news import PosSaleNews, SoldLine, StockCountNews
from tests.db.world import KEYS, NOW, found

MINUTE = timedelta(minutes=1)


def count(on_hand: int, minutes: int, key: str = "", sku: str = "TEE", place: str = "L1") -> StockCountNews:
    at = NOW + minutes * MINUTE
    return StockCountNews(
        key=key or f"c{minutes}", item_external_id="v1", sku=sku, location_external_id=place, on_hand=on_hand, at=at
    )


def sale(units: int, minutes: int, key: str = "s1", sku: str = "TEE", place: str = "L1") -> PosSaleNews:
    line = SoldLine(external_id="1", sku=sku, quantity=units)
    return PosSaleNews(external_id=key, location_external_id=place, lines=(line,), at=NOW + minutes * MINUTE)


@pytest.fixture
def till(database):
    def work(tx) -> None:
        found(tx)
        connections.create(tx, KEYS, "till", platform="manual", config={}, now=NOW)
        locations.put_mapping(tx, "till", "L1", "berlin")
        receive(tx, "r1", "TEE", "berlin", 20, at=NOW - 10 * MINUTE)

    database.write_now(work)
    return database


def hear(database, *news, later: int = 60) -> list[str]:
    taken = database.write_now(lambda tx: [store_news.take(tx, "till", each, NOW + later * MINUTE) for each in news])
    return list(taken)


def on_hand(database, item: str = "TEE") -> int:
    rows = database.read_now(lambda tx: list(tx.execute(LEVELS.select().where(LEVELS.c.item_id == item))))
    return sum(row.on_hand for row in rows)


def open_kinds(database) -> list[str]:
    rows = database.read_now(lambda tx: list(tx.execute(EXCEPTIONS.select())))
    return [row.kind for row in rows if row.closed_at is None]


def test_a_count_replaces_the_balance_and_later_movements_stay(till):
    hear(till, sale(2, minutes=10))

    said = hear(till, count(15, minutes=5))

    assert said == ["count booked"]
    assert on_hand(till) == 13
    assert till.read_now(verify) == ()


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_any_order_of_hearing_ends_in_one_balance(till, order):
    told = [
        sale(3, minutes=2, key="early"),
        count(15, minutes=5),
        sale(2, minutes=10, key="late"),
        count(16, minutes=1),
    ]

    hear(till, *(told[place] for place in order))

    assert on_hand(till) == 13
    assert till.read_now(verify) == ()


def test_what_is_told_twice_is_booked_once(till):
    first = hear(till, count(15, minutes=5), sale(2, minutes=10))
    again = hear(till, count(15, minutes=5), sale(2, minutes=10))

    assert (first, again) == (["count booked", "sale booked"], ["count known", "sale known"])
    assert on_hand(till) == 13


def test_an_older_count_says_nothing_new(till):
    said = hear(till, count(15, minutes=5), count(30, minutes=1))

    assert said[1] == "older than the last count"
    assert on_hand(till) == 15


def test_a_count_that_cannot_be_is_shown_and_changes_nothing_until_a_possible_one_comes(till):
    said = hear(till, count(-1, minutes=5), count(7, minutes=500, key="future"))
    shown = open_kinds(till)
    hear(till, count(4, minutes=6))

    assert said == ["impossible count", "impossible count"]
    assert shown == ["impossible_count"]
    assert (on_hand(till), open_kinds(till)) == (4, [])


def test_an_unknown_sku_waits_and_is_booked_at_its_own_time_once_it_is_mapped(till):
    said = hear(till, count(9, minutes=5, sku="TEE-OLD"), sale(1, minutes=10, sku="TEE-OLD"))
    before = on_hand(till), open_kinds(till)
    alias = Alias(sku="TEE-OLD", connection_id="till")
    till.write_now(lambda tx: sku_mapping.map_sku(tx, "TEE", alias, by="test", now=NOW + 60 * MINUTE))

    assert said == ["held", "held"]
    assert before == (20, ["uncounted_sku"])
    assert (on_hand(till), open_kinds(till)) == (8, [])


def test_an_unknown_place_waits_and_is_booked_once_it_is_mapped(till):
    hear(till, count(9, minutes=-3 * 24 * 60, place="L2"))  # the 20 units came after it
    before = on_hand(till), open_kinds(till)
    till.write_now(lambda tx: locations.put_mapping(tx, "till", "L2", "berlin"))

    assert before == (20, ["uncounted_place"])
    assert (on_hand(till), open_kinds(till)) == (29, [])


def test_more_sold_than_was_there_is_recorded_and_shown(till):
    hear(till, sale(25, minutes=1))

    assert on_hand(till) == -5
    assert open_kinds(till) == ["oversold"]
