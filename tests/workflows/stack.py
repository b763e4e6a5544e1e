"""The order process with its real activities and database, on a real server, between a simulated channel and locations."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import Worker

from connectors.contract import CancelRequest, PaymentRequest, ShipmentNotice, ShownCancel, ShownPayment, ShownShipment
from connectors.contract.returns import ReturnRequest, ShownReturn
from connectors.errors import OutcomeUnknownError, RejectedError
from db import connections, locations
from db.facts import EVENTS
from db.intake import take_order
from db.ledger import LEVELS, verify
from db.order_reading import FULFILLMENT_ORDERS, load
from db.reports import record_report
from db.restock import receive
from db.returns import goods
from db.returns.opening import Wish, open_return
from db.returns.reading import load as load_return
from db.returns.rows import RETURNS, locked, row_of
from domain.channel_order import ChannelOrder
from domain.fulfillment import (
    FulfillmentReport,
    FulfillmentRequest,
    RecallAnswer,
    ReportedShipment,
    ReportKind,
    SentFulfillmentOrder,
)
from domain.location import Location, LocationProfile
from domain.order_state import OrderState
from domain.returns.eligibility import WantedLine
from domain.returns.state import ReturnState
from runtime.dispatch import Dispatch
from runtime.processes import PROCESSES
from runtime.settings import Settings
from runtime.wiring import Hub
from tests.db.migrated import migrated
from tests.db.world import KEYS, channel_order, found
from worker import workers
from workflows.names import order_routing, return_handling

_NUMBER = itertools.count(1)
PATIENCE = 90.0


class FakeLocation:
    """Takes fulfillment orders; `committed` is its own count of what it was made to do."""

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}
        self.committed: Counter[str] = Counter()
        self.answer: RecallAnswer = RecallAnswer(answer="confirmed")
        self.refuses = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def send_fulfillment_order(self, request: FulfillmentRequest, key: str) -> SentFulfillmentOrder:
        await self.gate.wait()
        if self.refuses:
            raise RejectedError("no")
        self.committed[request.reference] += 1
        self.orders.setdefault(request.reference, "open")
        return SentFulfillmentOrder(external_id=request.reference, reference=request.reference, state="open")

    async def find_fulfillment_order(self, reference: str) -> SentFulfillmentOrder | None:
        state: Any = self.orders.get(reference)
        return state and SentFulfillmentOrder(external_id=reference, reference=reference, state=state)

    async def recall_fulfillment_order(self, sent: SentFulfillmentOrder, key: str) -> RecallAnswer:
        if self.answer.answer == "confirmed":
            self.orders[sent.reference] = "canceled"
        return self.answer

    async def close(self) -> None:
        """Nothing is open."""


class FakeChannel:
    """Shows parcels, cancels and captures; each by our reference."""

    def __init__(self) -> None:
        self.parcels: dict[str, ShipmentNotice] = {}
        self.canceled: list[str] = []
        self.captured: dict[str, int] = {}
        self.capturing: list[str] = []
        self.in_doubt: set[str] = set()
        self.refunded: dict[str, PaymentRequest] = {}
        self.returns: dict[str, str] = {}
        self.refuses = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def report_shipment(self, notice: ShipmentNotice, key: str) -> ShownShipment:
        if self.refuses:
            raise RejectedError("no")
        self.parcels[notice.reference] = notice
        return ShownShipment(external_id=notice.reference, tracking_number=notice.tracking_number)

    async def find_shipment(self, notice: ShipmentNotice) -> ShownShipment | None:
        known = self.parcels.get(notice.reference)
        if known is None or known.tracking_number != notice.tracking_number:
            return None
        return ShownShipment(external_id=known.reference, tracking_number=known.tracking_number)

    async def cancel_order(self, request: CancelRequest, key: str) -> ShownCancel:
        if self.refuses:
            raise RejectedError("no")
        self.canceled.append(request.order_external_id)
        return ShownCancel(canceled_at=datetime.now(UTC))

    async def find_cancel(self, request: CancelRequest) -> ShownCancel | None:
        return ShownCancel(canceled_at=datetime.now(UTC)) if request.order_external_id in self.canceled else None

    async def capture(self, request: PaymentRequest, key: str) -> ShownPayment:
        self.capturing.append(request.reference)
        if request.reference in self.in_doubt:
            raise OutcomeUnknownError("nobody knows")
        self.captured[request.reference] = request.amount.amount_minor
        return ShownPayment(external_id=f"t-{request.reference}", amount=request.amount)

    async def find_capture(self, request: PaymentRequest) -> ShownPayment | None:
        taken = request.reference in self.captured
        return ShownPayment(external_id=f"t-{request.reference}", amount=request.amount) if taken else None

    async def refund(self, request: PaymentRequest, key: str) -> ShownPayment:
        await self.gate.wait()
        if self.refuses:
            raise RejectedError("no")
        assert request.reference not in self.refunded
        self.refunded[request.reference] = request
        return ShownPayment(external_id=f"r-{request.reference}", amount=request.amount)

    async def find_refund(self, request: PaymentRequest) -> ShownPayment | None:
        given = request.reference in self.refunded
        return ShownPayment(external_id=f"r-{request.reference}", amount=request.amount) if given else None

    async def _tell(self, request: ReturnRequest, status: str) -> ShownReturn:
        await self.gate.wait()
        if self.refuses:
            raise RejectedError("no")
        self.returns[request.reference] = status
        shown = await self.find_return(request)
        assert shown is not None
        return shown

    async def open_return(self, request: ReturnRequest, key: str) -> ShownReturn:
        return await self._tell(request, "open")

    async def decline_return(self, request: ReturnRequest, key: str) -> ShownReturn:
        return await self._tell(request, "declined")

    async def process_return(self, request: ReturnRequest, key: str) -> ShownReturn:
        return await self._tell(request, "closed")

    async def close_return(self, request: ReturnRequest, key: str) -> ShownReturn:
        return await self._tell(request, "closed")

    async def find_return(self, request: ReturnRequest) -> ShownReturn | None:
        status: Any = self.returns.get(request.reference)
        return ShownReturn(external_id=f"x-{request.reference}", status=status) if status else None

    async def close(self) -> None:
        """Nothing is open."""


class FakeHub(Hub):
    """Opens the fakes instead of connectors."""

    fakes: dict[str, Any]

    async def connector(self, connection_id: str) -> Any:
        return self.fakes[connection_id]


class Stack:
    """Two shops, `berlin` and `munich`, on the connections `store` and `store2`; the channel `web`."""

    def __init__(self, hub: FakeHub, client: Client) -> None:
        self.hub, self.client = hub, client
        self.channel, self.berlin, self.munich = FakeChannel(), FakeLocation(), FakeLocation()
        hub.fakes = {"web": self.channel, "store": self.berlin, "store2": self.munich}
        self.dispatch = [Dispatch(hub, client, process) for process in PROCESSES]
        self.taken: list[str] = []

    async def write(self, work: Callable[[Any], Any]) -> Any:
        return await self.hub.database.write(work)

    async def place(self, **units: Any) -> str:
        """A paid order of so many units by SKU; it is routed as soon as the relay runs."""
        return await self.take(channel_order(next(_NUMBER), **units))

    async def take(self, order: ChannelOrder) -> str:
        def work(tx: Any) -> str:
            return take_order(
                tx, self.hub.vault, connections.load(tx, "web"), order, datetime.now(UTC), "test"
            ).order_id

        order_id: str = await self.write(work)
        self.taken.append(order_id)
        return order_id

    async def stock(self, location_id: str = "berlin", **units: int) -> None:
        at = datetime.now(UTC)
        for item, quantity in units.items():
            key = f"{item}:{location_id}:{next(_NUMBER)}"
            await self.write(partial(receive, key=key, item_id=item, location_id=location_id, quantity=quantity, at=at))

    async def report(self, f_id: str, kind: ReportKind, connection_id: str = "store", parcel: str = "") -> None:
        shipment = ReportedShipment(external_id=parcel, tracking_number=f"TR-{parcel}") if parcel else None
        at = datetime.now(UTC)
        report = FulfillmentReport(key=f"{kind}{parcel}", kind=kind, reference=f_id, at=at, shipment=shipment)
        await self.write(lambda tx: record_report(tx, report, connection_id=connection_id, source="test", now=at))

    async def order(self, order_id: str) -> OrderState:
        return await self.hub.database.read(lambda tx: load(tx, order_id))

    async def row(self, order_id: str) -> Any:
        from db.order_reading import ORDERS

        return await self.hub.database.read(lambda tx: tx.execute(select(ORDERS).where(ORDERS.c.id == order_id)).one())

    async def until(self, order_id: str, holds: Callable[[OrderState], bool]) -> OrderState:
        async with asyncio.timeout(PATIENCE):
            while not holds(state := await self.order(order_id)):  # noqa: ASYNC110 the truth is in a database
                await asyncio.sleep(0.03)
        return state

    async def until_sent(self, f_id: str) -> None:
        """`f_id` is with its location."""
        order_id = f_id.rsplit("-", 1)[0]
        await self.until(order_id, lambda o: any(f.id == f_id and f.state == "sent" for f in o.fulfillment_orders))

    async def outcome(self, order_id: str) -> str:
        async with asyncio.timeout(PATIENCE):
            while (row := await self.row(order_id)).outcome is None:  # noqa: ASYNC110 the truth is in a database
                await asyncio.sleep(0.03)
        return str(row.outcome)

    async def states(self, order_id: str) -> list[tuple[str, str]]:
        order = await self.order(order_id)
        return [(f.location_id, f.state) for f in order.fulfillment_orders]

    async def balances(self) -> list[tuple[Any, ...]]:
        def read(tx: Any) -> list[tuple[Any, ...]]:
            columns = (LEVELS.c.item_id, LEVELS.c.location_id, LEVELS.c.on_hand, LEVELS.c.reserved)
            assert verify(tx) == ()
            return [tuple(row) for row in tx.execute(select(*columns).order_by(*columns))]

        return await self.hub.database.read(read)

    async def kinds(self, order_id: str) -> list[str]:
        facts = select(EVENTS.c.kind).where(EVENTS.c.order_id == order_id).order_by(EVENTS.c.seq)
        return await self.hub.database.read(lambda tx: list(tx.execute(facts).scalars()))

    def run(self, order_id: str) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(order_routing(order_id))

    # ---- returns ----

    async def shipped(self, **units: Any) -> str:
        """An order that has reached its buyer."""
        await self.stock(**units)
        order = await self.place(**units)
        await self.until_sent(f"{order}-F1")
        await self.report(f"{order}-F1", "shipped", parcel="p1")
        await self.outcome(order)
        return order

    async def open_return(
        self, order_id: str, units: int = 1, method: Any = "in_store", line: str = "L1", **more: Any
    ) -> str:
        lines = (WantedLine(line_id=line, quantity=units),)
        wish = Wish(lines=lines, method=method, opened_by="api", by="test", **more)
        rma: str = await self.write(lambda tx: open_return(tx, order_id, wish, datetime.now(UTC)))
        return rma

    async def receive(self, rma: str, units: int = 1, item: str = "TEE", key: str = "r1") -> None:
        def work(tx: Any) -> None:
            goods.receive(tx, locked(tx, rma), key, item, units, "berlin", by="test", now=datetime.now(UTC))

        await self.write(work)

    async def grade(
        self, rma: str, units: int = 1, grade: Any = "new", item: str = "TEE", key: str = "g1", line: str = "L1"
    ) -> None:
        def work(tx: Any) -> None:
            given: Any = {"disposition": None, "to_location": "", "by": "test", "now": datetime.now(UTC)}
            goods.grade(tx, locked(tx, rma), key, line, item, units, grade, **given)

        await self.write(work)

    async def returned(self, rma: str) -> Any:
        """The return's row once it has ended."""
        async with asyncio.timeout(PATIENCE):
            while (row := await self.hub.database.read(lambda tx: row_of(tx, rma))).outcome is None:  # noqa: ASYNC110 the truth is in a database
                await asyncio.sleep(0.03)
        return row

    async def return_until(self, rma: str, holds: Callable[[ReturnState], bool]) -> ReturnState:
        async with asyncio.timeout(PATIENCE):
            while not holds(state := await self.hub.database.read(lambda tx: load_return(tx, rma))):  # noqa: ASYNC110 the truth is in a database
                await asyncio.sleep(0.03)
        return state

    async def cancel_return(self, rma: str) -> None:
        """Cancel its run in the engine. Whoever asks before that is over asks the old run, and here no reconciler notices."""
        run = self.run_of(rma)
        await run.cancel()
        with suppress(WorkflowFailureError):
            await run.result()
        await self.returned(rma)

    def run_of(self, return_id: str) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(return_handling(return_id))

    async def set_due(self, f_id: str, at: datetime) -> None:
        mine = FULFILLMENT_ORDERS.update().where(FULFILLMENT_ORDERS.c.id == f_id).values(due_at=at)
        await self.write(lambda tx: tx.execute(mine))


async def _relay(stack: Stack) -> None:
    while True:
        for dispatch in stack.dispatch:
            await dispatch.drain()
        await asyncio.sleep(0.02)


@asynccontextmanager
async def stack_on(
    client: Client, settings: Settings, make: Callable[[Client, Hub], list[Worker]] = workers
) -> AsyncIterator[Stack]:
    """Workers and relay run until the end; what still runs then is terminated."""
    settings.var.mkdir(parents=True, exist_ok=True)
    migrated(settings.database_url)
    hub = FakeHub(settings, keys=KEYS)
    stack = Stack(hub, client)
    await stack.write(_world)
    relay = asyncio.create_task(_relay(stack))
    running = make(client, hub)
    try:
        async with running[0], running[1]:
            yield stack
            for order_id in stack.taken:
                with suppress(Exception):
                    await stack.run(order_id).terminate("the test is over")
            for return_id in await stack.hub.database.read(lambda tx: list(tx.execute(select(RETURNS.c.id)).scalars())):
                with suppress(Exception):
                    await stack.run_of(return_id).terminate("the test is over")
    finally:
        relay.cancel()
        with suppress(asyncio.CancelledError):
            await relay
        await asyncio.to_thread(hub.database.close)


def _world(tx: Any) -> None:
    found(tx)
    now = datetime.now(UTC)
    connections.create(tx, KEYS, "store2", platform="store", config={}, now=now)
    connections.change(tx, "store2", mode="on")
    profile = LocationProfile(country="DE", postal_code="80331", timezone="Europe/Berlin", handling_minor=100)
    locations.put(tx, Location(id="munich", name="Munich", kind="store", connection_id="store2", profile=profile))


Act = Callable[[Stack, str], Awaitable[None]]
