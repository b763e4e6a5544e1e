"""The store connector: the contract's words put into those of the task list."""

from datetime import UTC, datetime

import pytest

from connectors.contract import GivesOrders, ReportsFulfillment, Surroundings, TakesFulfillmentOrders
from connectors.store.connector import StoreConfig, StoreConnector
from domain.fulfillment import FulfillmentRequest, RecallAnswer, SentFulfillmentOrder


class FakeTasks:
    """A task list in memory; `states` is what it says of each task."""

    def __init__(self, **states: str) -> None:
        self.states = states

    async def publish(self, reference):
        self.states.setdefault(reference, "open")

    async def state(self, reference):
        return self.states.get(reference, "hidden")

    async def withdraw(self, reference):
        if self.states[reference] == "begun":
            return "asked"
        self.states[reference] = "canceled"
        return "confirmed"


def store(tasks) -> StoreConnector:
    return StoreConnector.open(StoreConfig(), Surroundings(connection_id="store", tasks=tasks))


def request(reference: str = "F1") -> FulfillmentRequest:
    return FulfillmentRequest(reference=reference, order_number="#1", placed_at=datetime.now(UTC), lines=())


def sent(reference: str = "F1") -> SentFulfillmentOrder:
    return SentFulfillmentOrder(external_id=reference, reference=reference, state="open")


def test_takes_fulfillment_orders_and_gives_no_orders():
    shop = store(FakeTasks())

    assert isinstance(shop, TakesFulfillmentOrders)
    assert isinstance(shop, ReportsFulfillment)
    assert not isinstance(shop, GivesOrders)


def test_cannot_be_opened_without_a_task_list():
    with pytest.raises(ValueError, match="was given none"):
        StoreConnector.open(StoreConfig(), Surroundings(connection_id="store"))


async def test_sending_twice_makes_one_task():
    tasks = FakeTasks()
    first = await store(tasks).send_fulfillment_order(request(), "key")
    again = await store(tasks).send_fulfillment_order(request(), "key")

    assert first == again == sent()
    assert tasks.states == {"F1": "open"}


async def test_a_task_that_was_never_sent_is_not_found():
    assert await store(FakeTasks()).find_fulfillment_order("F1") is None


async def test_a_task_that_was_canceled_meanwhile_is_shown_as_canceled():
    found = await store(FakeTasks(F1="canceled")).send_fulfillment_order(request(), "key")

    assert found.state == "canceled"


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        ("open", RecallAnswer(answer="confirmed")),
        ("begun", RecallAnswer(answer="asked")),
        ("shipped", RecallAnswer(answer="refused", reason="shipped")),
    ],
)
async def test_a_recall_is_answered_by_how_far_the_staff_are(state, answer):
    assert await store(FakeTasks(F1=state)).recall_fulfillment_order(sent(), "key") == answer


async def test_there_is_nothing_to_poll():
    assert await store(FakeTasks(F1="open")).reports_of(sent()) == ()
