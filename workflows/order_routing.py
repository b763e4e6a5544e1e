"""Order routing: from an order that was taken to one that is shipped, shown to its buyer, and paid."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.channel import ChannelActivities
    from activities.fulfillment import FulfillmentActivities
    from activities.routing import RoutingActivities
    from domain.errors import DomainError
    from domain.progress import Progress, Target
    from domain.refs import OrderOutcome, OrderRef, Part, Recorded
    from workflows.compensation import Compensations
    from workflows.names import STAGE, WAITS_FOR
    from workflows.options import channel, database

PATIENT = frozenset({"waiting", "backordered", "canceling"})
"""Stages in which people may search for the run by what it waits for."""
UNKNOWN = Progress(seq=0, stage="waiting", headline="new")


@workflow.defn(failure_exception_types=[DomainError])
class OrderRouting:
    """One run per open order; it keeps no facts, so a new run resumes from those on record.

    Pivot: the first shipment. Before it a failure recalls and releases; after it the order goes on by re-routing,
    recalling what has not left, and exceptions for people.
    """

    @workflow.init
    def __init__(self, order: OrderRef) -> None:
        self.order = order
        self.standing = UNKNOWN
        self.news = 0
        self.steps: dict[str, asyncio.Task[Progress]] = {}
        self.tried: set[str] = set()
        self.waits = ""

    @workflow.run
    async def run(self, order: OrderRef) -> OrderOutcome:
        async with Compensations(join=self.join_steps, failed=self.undo_failed) as undo:
            undo.add("stop", self.stop)
            undo.add("release", self.release_stock)
            await self.route_and_reserve()
            undo.add("recall", self.recall_everything)
            while not self.is_over:
                if self.standing.has_shipped:
                    undo.pass_pivot(keep="stop")
                self.begin_each("send", self.standing.send, self.send_fulfillment_order)
                self.begin_each("recall", self.recall_to_ask(), self.recall_fulfillment_order)
                self.begin_each("tracking", self.on_channel(self.standing.report[:1]), self.report_tracking)
                self.begin_each("capture", self.on_channel(self.standing.capture), self.capture)
                self.begin_each("refund", self.on_channel(self.standing.refund), self.refund_lines)
                self.begin_each("cancel", self.cancel_to_tell(), self.tell_cancel)
                await self.until_news()
                await self.look_at_facts()
                await self.route_and_reserve()
        return OrderOutcome(order_id=order.order_id, outcome=self.standing.outcome or "")

    @workflow.signal
    def recorded(self, facts: Recorded) -> None:
        """Facts are on record that the run has not seen."""
        self.news = max(self.news, facts.seq)

    # ---- steps in our own database ----------------------------------------------------------------------------------

    async def route_and_reserve(self) -> None:
        """Locations for all open demand, if there is any and nothing is in its way."""
        if self.standing.stage == "to_route" or self.standing is UNKNOWN:
            self.learn(
                await workflow.execute_local_activity_method(
                    RoutingActivities.route_and_reserve, self.order, **database("route and reserve")
                )
            )

    async def look_at_facts(self) -> None:
        """What came in since the last look, and what the clock demands."""
        if self.has_news or self.is_due:
            self.tried.clear()
            self.learn(
                await workflow.execute_local_activity_method(
                    RoutingActivities.look, self.order, **database("look at the facts")
                )
            )

    # ---- steps at platforms -----------------------------------------------------------------------------------------

    async def send_fulfillment_order(self, target: Target) -> Progress:
        return await workflow.execute_activity_method(
            FulfillmentActivities.send_fulfillment_order,
            self.part(target),
            **channel(f"send {short(target)} to {target.connection_id}", target.connection_id),
        )

    async def recall_fulfillment_order(self, target: Target) -> Progress:
        return await workflow.execute_activity_method(
            FulfillmentActivities.recall_fulfillment_order,
            self.part(target),
            **channel(f"recall {short(target)} from {target.connection_id}", target.connection_id),
        )

    async def report_tracking(self, target: Target) -> Progress:
        """One parcel of an order at a time: they take from the same open lines of the channel."""
        return await workflow.execute_activity_method(
            ChannelActivities.report_tracking,
            self.part(target),
            **channel(f"show {short(target)} on {target.connection_id}", target.connection_id),
        )

    async def capture(self, target: Target) -> Progress:
        return await workflow.execute_activity_method(
            ChannelActivities.capture,
            self.part(target),
            **channel(f"capture for {short(target)}", target.connection_id),
        )

    async def refund_lines(self, target: Target) -> Progress:
        return await workflow.execute_activity_method(
            ChannelActivities.refund_lines,
            self.part(target),
            **channel(f"take {short(target)} out of the order at {target.connection_id}", target.connection_id),
        )

    async def tell_cancel(self, target: Target) -> Progress:
        return await workflow.execute_activity_method(
            ChannelActivities.tell_cancel,
            self.part(target),
            **channel(f"cancel at {target.connection_id}", target.connection_id),
        )

    # ---- waiting ----------------------------------------------------------------------------------------------------

    def begin_each(self, step: str, targets: tuple[Target, ...], do: Callable[[Target], Awaitable[Progress]]) -> None:
        """Start a step for each target that has none under way; one that was held back waits for news."""
        for target in targets:
            name = f"{step} {target.id}"
            if name not in self.tried and name not in self.steps:
                self.tried.add(name)
                self.steps[name] = asyncio.ensure_future(do(target))

    async def until_news(self) -> None:
        """A fact, a deadline, or a step that is done; a step that failed for good ends the run."""
        self.show_progress()
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.has_news or self.some_step_is_done, timeout=self.until_due, timeout_summary="deadline"
            )
        for name in [name for name, step in self.steps.items() if step.done()]:
            self.learn(self.steps.pop(name).result())

    async def join_steps(self) -> None:
        """Wait for all that is under way; what became of it is in the facts.

        Before the pivot nothing more is to be sent: a send that a platform keeps from landing gives up.
        """
        if not self.standing.has_shipped:
            await self.want_recall()
        await asyncio.gather(*self.steps.values(), return_exceptions=True)
        self.steps.clear()

    # ---- undo -------------------------------------------------------------------------------------------------------

    async def recall_everything(self) -> None:
        """Undo of sending: ask back what locations hold; what they will not give back becomes an exception."""
        standing = await self.want_recall()
        await asyncio.gather(*(self.recall_fulfillment_order(target) for target in standing.recall))

    async def want_recall(self) -> Progress:
        return await workflow.execute_local_activity_method(
            RoutingActivities.want_recall, self.order, **database("ask everything back")
        )

    async def release_stock(self) -> None:
        """Undo of reserving."""
        await workflow.execute_local_activity_method(
            RoutingActivities.release_stock, self.order, **database("release stock")
        )

    async def stop(self) -> None:
        """Hand the order to a person."""
        await workflow.execute_local_activity_method(
            RoutingActivities.stop_order, self.order, **database("hand the order to a person")
        )

    def undo_failed(self, step: str, error: BaseException) -> None:
        """The facts still show what could not be undone; the exceptions derive from them."""
        workflow.logger.error("undo failed", extra={"step": step, "error": type(error).__name__})

    # ---- state ------------------------------------------------------------------------------------------------------

    def learn(self, standing: Progress) -> None:
        """Steps run side by side: an answer that is older than what is known changes nothing."""
        if standing.seq >= self.standing.seq or standing.outcome == "superseded":
            self.standing = standing

    def show_progress(self) -> None:
        """What the Temporal UI tells: the stage, what the run waits for, and until when."""
        until = f" until {self.standing.due_at:%Y-%m-%d %H:%M} UTC" if self.standing.due_at else ""
        workflow.set_current_details(f"**{self.standing.stage}**: {self.standing.headline}{until}")
        waits = self.standing.waits_for[0][:200] if self.standing.stage in PATIENT and self.standing.waits_for else ""
        if waits != self.waits:
            self.waits = waits
            stage = self.standing.stage if waits else "moving"
            workflow.upsert_search_attributes([STAGE.value_set(stage), WAITS_FOR.value_set(waits)])

    @property
    def has_news(self) -> bool:
        return self.news > self.standing.seq

    @property
    def some_step_is_done(self) -> bool:
        return any(step.done() for step in self.steps.values())

    @property
    def until_due(self) -> timedelta | None:
        return max(self.standing.due_at - workflow.now(), timedelta(seconds=1)) if self.standing.due_at else None

    @property
    def is_due(self) -> bool:
        return self.standing.due_at is not None and workflow.now() >= self.standing.due_at

    @property
    def is_over(self) -> bool:
        return self.standing.outcome is not None

    def on_channel(self, shipments: tuple[str, ...]) -> tuple[Target, ...]:
        return tuple(Target(id=shipment, connection_id=self.order.connection_id) for shipment in shipments)

    def recall_to_ask(self) -> tuple[Target, ...]:
        """While a send may still land, "not found" at the location would prove nothing."""
        return tuple(target for target in self.standing.recall if f"send {target.id}" not in self.steps)

    def cancel_to_tell(self) -> tuple[Target, ...]:
        return self.on_channel((self.order.order_id,)) if self.standing.tell_cancel else ()

    def part(self, target: Target) -> Part:
        return Part(order=self.order, id=target.id, connection_id=target.connection_id)


def short(target: Target) -> str:
    """F1 of an id that ends in -F1."""
    return target.id.rsplit("-", 1)[-1]
