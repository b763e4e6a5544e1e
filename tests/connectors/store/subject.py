"""The shop's task list on the stage of the certification suite; it makes no exchange that could be spoiled."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Literal

from connectors.store.connector import StoreConnector
from connectors.testing import Call, Stage
from domain.fulfillment import FulfillmentRequest, SentFulfillmentOrder

REQUEST = FulfillmentRequest(reference="F1", order_number="#1", placed_at=datetime(2026, 11, 22, tzinfo=UTC), lines=())
SENT = SentFulfillmentOrder(external_id="F1", reference="F1", state="open")


class CountingTasks:
    """A task list in memory that counts what it changed."""

    def __init__(self) -> None:
        self.states: dict[str, Literal["open", "canceled"]] = {}
        self.changed: Counter[str] = Counter()

    async def publish(self, reference: str) -> None:
        if reference not in self.states:
            self.states[reference] = "open"
            self.changed["open"] += 1

    async def state(self, reference: str) -> Literal["hidden", "open", "canceled", "shipped"]:
        return self.states.get(reference, "hidden")

    async def withdraw(self, reference: str) -> Literal["confirmed", "asked"]:
        if self.states[reference] == "open":
            self.states[reference] = "canceled"
            self.changed["canceled"] += 1
        return "confirmed"


async def send(connector: StoreConnector) -> SentFulfillmentOrder:
    return await connector.send_fulfillment_order(REQUEST, "F1")


async def is_withdrawn(connector: StoreConnector) -> bool:
    found = await connector.find_fulfillment_order("F1")
    return found is not None and found.state == "canceled"


class StoreSubject:
    connector = StoreConnector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        tasks = CountingTasks()
        calls = (
            Call(
                "send_fulfillment_order",
                do=send,
                find=lambda one: one.find_fulfillment_order("F1"),
                committed=lambda: tasks.changed["open"],
            ),
            Call(
                "recall_fulfillment_order",
                prepare=send,
                do=lambda one: one.recall_fulfillment_order(SENT, "F1/recall"),
                find=is_withdrawn,
                committed=lambda: tasks.changed["canceled"],
            ),
            Call("find_fulfillment_order", do=lambda one: one.find_fulfillment_order("F1")),
            Call("reports_of", do=lambda one: one.reports_of(SENT)),
        )
        yield Stage(config={}, transport=None, calls=calls, tasks=tasks)


SUBJECT = StoreSubject()
