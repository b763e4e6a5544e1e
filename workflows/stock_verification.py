"""Stock verification: reads every number of a channel back and has drift repaired, accepted or asked about."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.verification import VerificationActivities
    from domain.errors import DomainError
    from domain.refs import ConnectionRef, VerificationCursor
    from workflows.options import background


@workflow.defn(failure_exception_types=[DomainError])
class StockVerification:
    """One round over a connection's numbers, started by a schedule; it keeps a cursor only.

    Nothing to undo: it only reads, and what it finds wrong is sent by publication. Pivot: none.
    """

    @workflow.init
    def __init__(self, connection: ConnectionRef, cursor: VerificationCursor | None = None) -> None:
        self.connection = connection
        self.cursor = cursor

    @workflow.run
    async def run(self, connection: ConnectionRef, cursor: VerificationCursor | None = None) -> VerificationCursor:  # noqa: ARG002 it is in the state already
        at = self.cursor or await self.begin_verification()
        while not at.is_over:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(args=[connection, at])
            at = await self.verify_numbers(at)
        return at

    async def begin_verification(self) -> VerificationCursor:
        """A round of its own; over at once while the flow is off."""
        name = self.connection.connection_id
        return await workflow.execute_activity_method(
            VerificationActivities.begin_verification, self.connection, **background(f"verify {name}", name)
        )

    async def verify_numbers(self, at: VerificationCursor) -> VerificationCursor:
        """The next numbers, behind everything else that the workers have to do."""
        workflow.set_current_details(f"**{at.looked}** numbers looked at, **{at.wrong}** not as they should be")
        return await workflow.execute_activity_method(
            VerificationActivities.verify_numbers, at, **background(f"read {at.connection_id} back", at.connection_id)
        )
