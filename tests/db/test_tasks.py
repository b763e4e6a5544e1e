"""The task list of a shop: who sees what when, and which step may follow which."""

import pytest
from sqlalchemy import Connection, select

from db import ledger
from db.facts import EVENTS
from db.locations import MAPPINGS
from db.order_reading import FULFILLMENT_ORDERS, SHIPMENTS
from db.session import Database
from db.tasks import Tasks, lines_of, load, open_tasks, take_step
from domain.errors import DomainError
from domain.fulfillment import ReportedLine, ReportedShipment
from tests.db.world import NOW, channel_order, found, route, stock, take


@pytest.fixture
def world(database):
    def work(tx):
        found(tx)
        stock(tx, "TEE", 5)
        stock(tx, "MUG", 5)

    database.write_now(work)
    return database


@pytest.fixture
def tasks(world):
    return Tasks(world, lambda: NOW)


@pytest.fixture
def parcel(world: Database) -> str:
    """A fulfillment order of 2 T-shirts and a mug, not yet published."""
    return world.write_now(lambda tx: route(tx, take(tx, channel_order(1, TEE=2, MUG=1))))[0]


@pytest.fixture
def pickup(world: Database) -> str:
    def work(tx: Connection) -> str:
        tx.execute(MAPPINGS.insert().values(connection_id="web", external_id="B", location_id="berlin", name=""))
        return route(tx, take(tx, channel_order(2, delivery="pickup", pickup="B", TEE=1)))[0]

    return world.write_now(work)


def step(database, reference, name, kind, **more):
    return database.write_now(lambda tx: take_step(tx, reference, name, kind, now=NOW, **more)).state


def facts(database) -> list[str]:
    return list(database.read_now(lambda tx: tx.execute(select(EVENTS.c.kind).order_by(EVENTS.c.seq)).scalars().all()))


def shipped(number: str, **units: int) -> ReportedShipment:
    lines = tuple(ReportedLine(line_id=line, quantity=quantity) for line, quantity in units.items())
    return ReportedShipment(external_id=number, tracking_number=number, carrier="DHL", shipped_at=NOW, lines=lines)


async def test_the_staff_see_a_task_when_it_is_published(world, tasks, parcel):
    before = (await tasks.state(parcel), world.read_now(lambda tx: open_tasks(tx, "berlin")))
    await tasks.publish(parcel)
    await tasks.publish(parcel)
    shown = world.read_now(lambda tx: open_tasks(tx, "berlin"))

    assert before == ("hidden", [])
    assert await tasks.state(parcel) == "open"
    assert [(task.id, task.order_number) for task in shown] == [(parcel, "#1")]
    assert [(line.title, line.quantity) for line in world.read_now(lambda tx: lines_of(tx, [parcel]))] == [
        ("T-shirt", 2),
        ("Mug", 1),
    ]


async def test_a_parcel_is_accepted_picked_and_shipped_in_two_parts(world, tasks, parcel):
    await tasks.publish(parcel)
    states = [
        step(world, parcel, "accept", "accepted"),
        step(world, parcel, "pick", "picked"),
        step(world, parcel, "ship", "shipped", parcel=shipped("T1", L1=2)),
        step(world, parcel, "ship", "shipped", parcel=shipped("T2", L2=1)),
    ]

    assert states == ["accepted", "picked", "picked", "shipped"]
    assert await tasks.state(parcel) == "shipped"
    assert world.read_now(lambda tx: open_tasks(tx, "berlin")) == []
    assert world.read_now(ledger.verify) == ()


async def test_the_same_step_twice_changes_nothing(world, tasks, parcel):
    await tasks.publish(parcel)
    for _ in range(2):
        step(world, parcel, "accept", "accepted")
    step(world, parcel, "pick", "picked")
    step(world, parcel, "accept", "accepted")
    for _ in range(2):
        step(world, parcel, "ship", "shipped", parcel=shipped("T1"))
    rows = world.read_now(lambda tx: tx.execute(select(SHIPMENTS.c.external_id)).scalars().all())

    assert facts(world) == ["placed", "routed", "accepted", "picked", "shipped"]
    assert rows == ["T1"]


async def test_a_step_that_is_not_its_turn_is_refused_with_what_is(world, tasks, parcel):
    await tasks.publish(parcel)
    with pytest.raises(DomainError, match="now: accept, reject") as refused:
        step(world, parcel, "ship", "shipped", parcel=shipped("T1"))

    assert refused.value.code == "step_out_of_order"


async def test_a_pickup_is_made_ready_and_collected(world, tasks, pickup):
    await tasks.publish(pickup)
    step(world, pickup, "accept", "accepted")
    step(world, pickup, "pick", "picked")
    with pytest.raises(DomainError, match="now: ready"):
        step(world, pickup, "ship", "shipped", parcel=shipped("T1"))
    states = [step(world, pickup, "ready", "ready"), step(world, pickup, "collect", "collected")]

    assert states == ["ready", "shipped"]


async def test_a_rejection_frees_the_stock(world, tasks, parcel):
    await tasks.publish(parcel)
    state = step(world, parcel, "reject", "rejected", reason="damaged")
    levels = world.read_now(lambda tx: tx.execute(select(ledger.LEVELS.c.reserved)).scalars().all())

    assert (state, levels) == ("rejected", [0, 0])
    assert await tasks.state(parcel) == "canceled"


async def test_what_nobody_has_begun_is_withdrawn_at_once(world, tasks, parcel):
    await tasks.publish(parcel)
    step(world, parcel, "accept", "accepted")
    answers = [await tasks.withdraw(parcel), await tasks.withdraw(parcel)]
    row = world.write_now(lambda tx: load(tx, parcel))

    assert answers == ["confirmed", "confirmed"]
    assert (row.state, row.recall) == ("canceled", "confirmed")
    with pytest.raises(DomainError, match="not its turn"):
        step(world, parcel, "pick", "picked")


@pytest.mark.parametrize(("kind", "state"), [("canceled", "canceled"), ("cancel_refused", "picked")])
async def test_what_is_picked_is_asked_back_and_the_staff_answer(world, tasks, parcel, kind, state):
    await tasks.publish(parcel)
    step(world, parcel, "accept", "accepted")
    step(world, parcel, "pick", "picked")
    answer = await tasks.withdraw(parcel)
    world.write_now(lambda tx: tx.execute(FULFILLMENT_ORDERS.update().values(recall="asked")))
    answered = [step(world, parcel, "answer_recall", kind), step(world, parcel, "answer_recall", kind)]

    assert answer == "asked"
    assert answered == [state, state]


def test_an_unknown_task_is_refused(world):
    with pytest.raises(DomainError) as refused:
        step(world, "nothing", "accept", "accepted")

    assert refused.value.code == "unknown_fulfillment_order"
