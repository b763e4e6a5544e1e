"""Stock verification: reads every number of a channel back and has drift repaired, accepted or asked about."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.verification import VerificationActivities
    from domain.errors import DomainError
    from domain.refs import VerificationCursor
    from workflows.options import background


@workflow.defn(failure_exception_types=[DomainError])
class StockVerification:
    """One round over a connection's numbers, started by a schedule; it keeps a cursor only.

    Nothing to undo: it only reads, and what it finds wrong is sent by publication. Pivot: none.
    """

    @workflow.init
    def __init__(self, cursor: VerificationCursor) -> None:
        self.cursor = cursor

    @workflow.run
    async def run(self, cursor: VerificationCursor) -> VerificationCursor:  # noqa: ARG002 it is in the state already
        if not self.cursor.round:
            await self.begin_verification()
        while not self.cursor.is_over:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self.cursor)
            await self.verify_numbers()
        return self.cursor

    async def begin_verification(self) -> None:
        """A round of its own; over at once while the flow is off."""
        name = self.cursor.connection_id
        self.cursor = await workflow.execute_activity_method(
            VerificationActivities.begin_verification, self.cursor, **background(f"verify {name}", name)
        )

    async def verify_numbers(self) -> None:
        """The next numbers, behind everything else that the workers have to do."""
        at = self.cursor
        workflow.set_current_details(f"**{at.looked}** numbers looked at, **{at.wrong}** not as they should be")
        self.cursor = await workflow.execute_activity_method(
            VerificationActivities.verify_numbers, at, **background(f"read {at.connection_id} back", at.connection_id)
        )
