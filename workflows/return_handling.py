"""Return handling: from goods that somebody wants to send back to value given, stock booked, and the channel told."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.return_duties import ReturnDutyActivities
    from activities.returns import ReturnActivities
    from domain.errors import DomainError
    from domain.refs import DutyRef, ReturnOutcome, ReturnRef
    from domain.returns.progress import Progress
    from domain.returns.state import Duty
    from workflows.compensation import Compensations
    from workflows.fact_loop import FactLoop
    from workflows.options import channel, database

PATIENT = frozenset({"to_decide", "awaiting_goods", "inspecting"})
UNDO_ROUNDS = 4
"""The channel is told one thing after the other; what is held back then is done when the return's next run looks."""
UNKNOWN = Progress(seq=0, stage="to_decide", headline="new")


@workflow.defn(failure_exception_types=[DomainError])
class ReturnHandling(FactLoop[Progress]):
    """One run per open return; it keeps no facts, so a new run resumes from those on record.

    Pivot: the first decision to give value back (a refund or an exchange). Before it a failure withdraws the
    return: its label is given back, the channel's return closed, its units released. After it nothing is undone:
    the refund is made, and a person sees what stands in the way.
    """

    @workflow.init
    def __init__(self, given: ReturnRef) -> None:
        super().__init__(UNKNOWN, PATIENT)
        self.given = given

    @workflow.run
    async def run(self, given: ReturnRef) -> ReturnOutcome:
        async with Compensations(join=self.join_all, failed=self.undo_failed) as undo:
            undo.add("stop", self.stop)
            undo.add("withdraw", self.withdraw)
            await self.look_at_facts()
            while not self.is_over:
                if self.standing.has_given:
                    undo.pass_pivot(keep="stop")
                self.begin_each("do", self.standing.duties, self.do_duty)
                await self.until_news()
                if self.has_news or self.is_due:
                    await self.look_at_facts()
        return ReturnOutcome(return_id=given.return_id, outcome=self.standing.outcome or "")

    # ---- steps in our own database ----------------------------------------------------------------------------------

    async def look_at_facts(self) -> None:
        """What came in since the last look, and what the clock demands: decide value, remind, expire, wind up."""
        self.tried.clear()
        self.learn(
            await workflow.execute_local_activity_method(
                ReturnActivities.look_at_return, self.given, **database("look at the facts")
            )
        )

    # ---- steps at platforms -----------------------------------------------------------------------------------------

    async def do_duty(self, duty: Duty) -> Progress:
        """Tell the channel, buy or give back a label, refund, write to the buyer."""
        about = DutyRef(given=self.given, id=duty.id, kind=duty.kind, connection_id=duty.connection_id)
        where = duty.connection_id or "the buyer"
        return await workflow.execute_activity_method(
            ReturnDutyActivities.do_duty,
            about,
            **channel(f"{duty.kind.replace('_', ' ')} at {where}", duty.connection_id),
        )

    # ---- undo -------------------------------------------------------------------------------------------------------

    async def withdraw(self) -> None:
        """Undo of registering, buying a label and authorizing."""
        standing = await workflow.execute_local_activity_method(
            ReturnActivities.withdraw_return, self.given, **database("withdraw the return")
        )
        for _ in range(UNDO_ROUNDS):
            if not standing.duties:
                break
            standing = (await asyncio.gather(*(self.do_duty(duty) for duty in standing.duties)))[-1]

    async def stop(self) -> None:
        """Hand the return to a person."""
        await workflow.execute_local_activity_method(
            ReturnActivities.stop_return, self.given, **database("hand the return to a person")
        )
