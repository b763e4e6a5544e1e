"""Connections: sealed configuration, rotation of secrets, pauses."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db import connections
from db.exceptions import EXCEPTIONS, sync
from db.facts import OUTBOX
from db.order_reading import CONNECTIONS, paused
from db.standing import settle
from domain.errors import DomainError
from runtime.keys import CannotDecryptError
from tests.db.world import KEYS, NOW, channel_order, found, later, take

EVERY = {"store", "web"}


@pytest.fixture
def world(database):
    database.write_now(found)
    return database


def config(database, now=NOW):
    return connections.config_of(KEYS, database.read_now(lambda tx: connections.load(tx, "web")), now)


def paused_now(database) -> set[str]:
    return set(database.read_now(lambda tx: paused(tx, EVERY)))


def woken(database) -> set[str]:
    return set(database.read_now(lambda tx: tx.execute(select(OUTBOX.c.order_id)).scalars().all()))


def open_exceptions(database) -> list[str]:
    is_open = EXCEPTIONS.c.closed_at.is_(None)
    return list(database.read_now(lambda tx: tx.execute(select(EXCEPTIONS.c.cause).where(is_open)).scalars().all()))


def test_a_configuration_is_stored_sealed_and_read_back(world):
    row = world.read_now(lambda tx: connections.load(tx, "web"))

    assert b"first" not in row.sealed_config
    assert config(world) == {"webhook_secrets": ["first"]}


def test_a_sealed_configuration_cannot_be_moved_to_another_connection(world):
    sealed = world.read_now(lambda tx: connections.load(tx, "web")).sealed_config
    table = CONNECTIONS
    world.write_now(lambda tx: tx.execute(update(table).where(table.c.id == "store").values(sealed_config=sealed)))

    with pytest.raises(CannotDecryptError):
        connections.config_of(KEYS, world.read_now(lambda tx: connections.load(tx, "store")), NOW)


def test_an_id_is_taken_once(world):
    with pytest.raises(DomainError, match="choose another id"):
        world.write_now(lambda tx: connections.create(tx, KEYS, "web", platform="shopify", config={}, now=NOW))


def test_a_replaced_secret_counts_until_its_time_is_over(world):
    until = world.write_now(
        lambda tx: connections.rotate_webhook_secret(tx, KEYS, "web", "second", keep_for=timedelta(hours=1), now=NOW)
    )

    assert until == later(hours=1)
    assert config(world, later(minutes=59))["webhook_secrets"] == ["second", "first"]
    assert config(world, later(minutes=60))["webhook_secrets"] == ["second"]


def test_a_connection_without_webhook_secret_has_none_to_replace(world):
    with pytest.raises(DomainError) as refused:
        world.write_now(
            lambda tx: connections.rotate_webhook_secret(tx, KEYS, "store", "x", keep_for=timedelta(hours=1), now=NOW)
        )

    assert refused.value.code == "no_webhook_secret"


def test_a_pause_stops_writes_and_tells_a_person_once(world):
    first = world.write_now(lambda tx: connections.pause(tx, "web", reason="credentials refused", now=NOW))
    again = world.write_now(lambda tx: connections.pause(tx, "web", reason="still", now=NOW))

    assert (first, again) == (True, False)
    assert paused_now(world) == {"web"}
    assert open_exceptions(world) == ["paused:web"]


def test_resuming_wakes_the_orders_that_waited_and_closes_the_exception(world):
    held = world.write_now(lambda tx: take(tx, channel_order(1, TEE=1)))
    world.write_now(lambda tx: connections.pause(tx, "web", reason="maintenance", now=NOW))
    world.write_now(lambda tx: settle(tx, held, NOW))
    world.write_now(lambda tx: tx.execute(OUTBOX.delete()))
    resumed = world.write_now(lambda tx: connections.resume(tx, "web", now=NOW))

    assert resumed == (held,)
    assert woken(world) == {held}
    assert (paused_now(world), open_exceptions(world)) == (set(), [])


def test_a_pause_outlasts_the_orders_that_waited_for_it(world):
    held = world.write_now(lambda tx: take(tx, channel_order(1, TEE=1)))
    world.write_now(lambda tx: connections.pause(tx, "web", reason="maintenance", now=NOW))
    world.write_now(lambda tx: settle(tx, held, NOW))
    world.write_now(lambda tx: sync(tx, held, (), NOW))

    assert open_exceptions(world) == ["paused:web"]


def test_the_switch_for_all_stops_every_connection(world):
    world.write_now(lambda tx: connections.stop_everything(tx, reason="stocktaking", now=NOW))

    assert paused_now(world) == EVERY


def test_when_all_goes_on_a_connection_that_is_paused_by_itself_stays_so(world):
    held = world.write_now(lambda tx: take(tx, channel_order(1, TEE=1)))
    world.write_now(lambda tx: connections.pause(tx, "web", reason="maintenance", now=NOW))
    world.write_now(lambda tx: connections.stop_everything(tx, reason="stocktaking", now=NOW))
    world.write_now(lambda tx: settle(tx, held, NOW))
    started = world.write_now(lambda tx: connections.start_everything(tx, now=NOW))

    assert started == ()
    assert paused_now(world) == {"web"}


def test_resuming_one_while_all_is_stopped_wakes_nobody_yet(world):
    held = world.write_now(lambda tx: take(tx, channel_order(1, TEE=1)))
    world.write_now(lambda tx: connections.stop_everything(tx, reason="stocktaking", now=NOW))
    world.write_now(lambda tx: settle(tx, held, NOW))
    one = world.write_now(lambda tx: connections.resume(tx, "web", now=NOW))
    all_of_them = world.write_now(lambda tx: connections.start_everything(tx, now=NOW))

    assert (one, all_of_them) == ((), (held,))
