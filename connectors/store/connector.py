"""A shop of the merchant's own: its staff work off the hub's task list."""

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from connectors.contract import Surroundings, TaskList
from connectors.errors import RejectedError
from domain.fulfillment import FulfillmentReport, FulfillmentRequest, RecallAnswer, SentFulfillmentOrder


class StoreConfig(BaseModel):
    """Nothing to configure: the task list is the hub's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreConnector:
    """Takes fulfillment orders for any number of shops; what the staff report comes in through the API."""

    platform: ClassVar[str] = "store"
    Config: ClassVar[type[BaseModel]] = StoreConfig

    def __init__(self, tasks: TaskList) -> None:
        self._tasks = tasks

    @classmethod
    def open(cls, config: StoreConfig, around: Surroundings) -> Self:  # noqa: ARG003 - every connector is given its Config
        if around.tasks is None:
            raise ValueError("a store connection works off the hub's task list, and was given none")
        return cls(around.tasks)

    async def close(self) -> None:
        """There are no sockets to give back."""

    async def send_fulfillment_order(self, request: FulfillmentRequest, key: str) -> SentFulfillmentOrder:  # noqa: ARG002 - the reference is the key: publishing twice shows one task
        await self._tasks.publish(request.reference)
        sent = await self.find_fulfillment_order(request.reference)
        if sent is None:
            raise RejectedError("The hub has no such fulfillment order", f"{request.reference} could not be published")
        return sent

    async def find_fulfillment_order(self, reference: str) -> SentFulfillmentOrder | None:
        state = await self._tasks.state(reference)
        if state == "hidden":
            return None
        return SentFulfillmentOrder(external_id=reference, reference=reference, state=state)

    async def recall_fulfillment_order(self, sent: SentFulfillmentOrder, key: str) -> RecallAnswer:  # noqa: ARG002 - withdrawing twice asks once
        """Confirmed at once while nobody has begun to pick; else the staff are asked and answer by a report."""
        if await self._tasks.state(sent.reference) == "shipped":
            return RecallAnswer(answer="refused", reason="shipped")
        return RecallAnswer(answer=await self._tasks.withdraw(sent.reference))

    async def reports_of(self, sent: SentFulfillmentOrder) -> tuple[FulfillmentReport, ...]:  # noqa: ARG002 - see below
        """Nothing to poll: a step of the staff is recorded in the hub the moment it is taken."""
        return ()
