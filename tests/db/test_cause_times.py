"""The figures on exceptions are read from what the hub wrote down."""

from typing import Any

import pytest
from sqlalchemy import Connection

from bench.cause_times import cause_times
from db.session import Database
from db.sku_mapping import map_sku
from db.standing import settle
from domain.item import Alias
from tests.db.world import NOW, channel_order, found, later, route, stock, take

CAUSE = "unmapped_sku:web:NEW"


def wait(tx: Connection) -> str:
    found(tx)
    stock(tx, "TEE", 1)
    order = take(tx, channel_order(1, NEW=1))
    settle(tx, order, later(seconds=0.2))
    return order


def test_times_run_from_arrival_and_from_the_mending(database: Database) -> None:
    def play(tx: Connection) -> dict[str, Any]:
        order = wait(tx)
        map_sku(tx, "TEE", Alias(sku="NEW", connection_id="web"), by="test", now=later(seconds=60.3))
        route(tx, order, later(seconds=60.5))
        return cause_times(tx, CAUSE, [order], later(seconds=60))

    assert database.write_now(play) == {
        "exception_visible_ms": 200.0, "exception_closed_ms": 300.0, "order_resumed_ms": 500.0,
        "last_order_resumed_ms": 500.0,
    }  # fmt: skip


def test_an_order_that_still_waits_has_no_times(database: Database) -> None:
    with pytest.raises(LookupError, match="some still do"):
        database.write_now(lambda tx: cause_times(tx, CAUSE, [wait(tx)], NOW))
