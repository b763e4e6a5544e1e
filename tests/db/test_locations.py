"""Locations, their mappings, and sourcing rules by version."""

import pytest
from sqlalchemy import select

from db import locations, sourcing_rules
from db.restock import count
from domain.errors import DomainError
from domain.location import Location, LocationProfile
from tests.db.world import NOW, RULES, found


@pytest.fixture
def world(database):
    database.write_now(found)
    return database


HAMBURG = Location(
    id="hamburg",
    name="Hamburg",
    kind="store",
    connection_id="store",
    profile=LocationProfile(country="DE", timezone="Europe/Berlin", closed_on={"2026-12-25"}, cut_off="16:30"),
)


def test_a_location_comes_back_as_it_was_put(world):
    before = world.write_now(lambda tx: locations.put(tx, HAMBURG))

    assert before is None
    assert world.read_now(lambda tx: locations.load(tx, "hamburg")) == HAMBURG


def test_a_location_needs_a_connection_that_ships_from_it(world):
    stray = HAMBURG.model_copy(update={"connection_id": "nobody"})

    with pytest.raises(DomainError, match="add it first"):
        world.write_now(lambda tx: locations.put(tx, stray))


def test_the_one_who_ships_from_a_location_knows_it_by_the_id_it_is_mapped_to(world):
    world.write_now(lambda tx: locations.put_mapping(tx, "store", "S-7", "berlin"))
    world.write_now(lambda tx: locations.put_mapping(tx, "web", "gid://Location/1", "berlin"))

    assert world.read_now(lambda tx: locations.load(tx, "berlin")).external_id == "S-7"
    assert world.read_now(lambda tx: locations.mappings(tx, "web")) == {"gid://Location/1": "berlin"}


def test_a_place_can_be_left_out_on_purpose(world):
    world.write_now(lambda tx: locations.put_mapping(tx, "web", "popup", locations.NOT_OURS))

    assert world.read_now(lambda tx: locations.mappings(tx, "web")) == {"popup": ""}


def test_a_version_of_the_rules_never_changes(world):
    same = world.write_now(lambda tx: sourcing_rules.add(tx, RULES, by="ada", now=NOW))
    other = RULES.model_copy(update={"weight_step_g": 500})

    assert same is False
    with pytest.raises(DomainError, match="choose a new version"):
        world.write_now(lambda tx: sourcing_rules.add(tx, other, by="ada", now=NOW))


def test_one_version_at_a_time_is_in_force(world):
    newer = RULES.model_copy(update={"version": "2"})
    world.write_now(lambda tx: sourcing_rules.add(tx, newer, by="ada", now=NOW))
    before = world.write_now(lambda tx: sourcing_rules.activate(tx, "2"))
    table = sourcing_rules.RULES
    active = world.read_now(lambda tx: tx.execute(select(table.c.version).where(table.c.active)).scalars().all())

    assert (before, active) == ("1", ["2"])


def test_a_location_whose_stock_was_counted_can_still_be_replaced(world):
    world.write_now(lambda tx: count(tx, "count:1", "TEE", "berlin", 5, at=NOW))
    renamed = world.read_now(lambda tx: locations.load(tx, "berlin")).model_copy(update={"name": "Berlin Mitte"})
    world.write_now(lambda tx: locations.put(tx, renamed))

    assert world.read_now(lambda tx: locations.load(tx, "berlin")).name == "Berlin Mitte"
