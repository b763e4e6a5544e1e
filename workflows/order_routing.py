"""Order routing: from an order that was taken to one that is shipped, shown to its buyer, and paid."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.channel import ChannelActivities
    from activities.fulfillment import FulfillmentActivities
    from activities.payments import PaymentActivities
    from activities.routing import RoutingActivities
    from domain.errors import DomainError
    from domain.progress import Progress, Target
    from domain.refs import OrderOutcome, OrderRef, Part
    from workflows.compensation import Compensations
    from workflows.fact_loop import FactLoop
    from workflows.options import channel, database

PATIENT = frozenset({"waiting", "backordered", "canceling"})
"""Stages in which people may search for the run by what it waits for."""
UNKNOWN = Progress(seq=0, stage="waiting", headline="new")


@workflow.defn(failure_exception_types=[DomainError])
class OrderRouting(FactLoop[Progress]):
    """One run per open order; it keeps no facts, so a new run resumes from those on record.

    Pivot: the first shipment. Before it a failure recalls and releases; after it the order goes on by re-routing,
    recalling what has not left, and exceptions for people.
    """

    @workflow.init
    def __init__(self, order: OrderRef) -> None:
        super().__init__(UNKNOWN, PATIENT)
        self.order = order

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
                self.begin_each("void", self.on_channel(self.standing.void), self.void_authorization)
                self.begin_each("cancel", self.cancel_to_tell(), self.tell_cancel)
                await self.until_news()
                await self.look_at_facts()
                await self.route_and_reserve()
        return OrderOutcome(order_id=order.order_id, outcome=self.standing.outcome or "")

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
            PaymentActivities.capture,
            self.part(target),
            **channel(f"capture for {short(target)}", target.connection_id),
        )

    async def refund_lines(self, target: Target) -> Progress:
        return await workflow.execute_activity_method(
            PaymentActivities.refund_lines,
            self.part(target),
            **channel(f"take {short(target)} out of the order at {target.connection_id}", target.connection_id),
        )

    async def void_authorization(self, target: Target) -> Progress:
        return await workflow.execute_activity_method(
            PaymentActivities.void_authorization,
            self.part(target),
            **channel(f"give up authorization {short(target)}", target.connection_id),
        )

    async def tell_cancel(self, target: Target) -> Progress:
        return await workflow.execute_activity_method(
            ChannelActivities.tell_cancel,
            self.part(target),
            **channel(f"cancel at {target.connection_id}", target.connection_id),
        )

    async def join_steps(self) -> None:
        """Wait for all that is under way; what became of it is in the facts.

        Before the pivot nothing more is to be sent: a send that a platform keeps from landing gives up.
        """
        if not self.standing.has_shipped:
            await self.want_recall()
        await self.join_all()

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

    # ---- state ------------------------------------------------------------------------------------------------------

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
