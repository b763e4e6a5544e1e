"""Content verification: reads every listing of a channel back and has drift repaired, accepted or asked about."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content_verification import ContentVerificationActivities
    from domain.errors import DomainError
    from domain.refs import VerificationCursor
    from workflows.options import background


@workflow.defn(failure_exception_types=[DomainError])
class ContentVerification:
    """One round over a connection's listings, started by a schedule; it keeps a cursor only.

    Nothing to undo: it only reads, and what it finds wrong is told by content sync. Pivot: none.
    """

    @workflow.init
    def __init__(self, cursor: VerificationCursor) -> None:
        self.cursor = cursor

    @workflow.run
    async def run(self, cursor: VerificationCursor) -> VerificationCursor:  # noqa: ARG002 it is in the state already
        if not self.cursor.round:
            await self.begin_content_verification()
        while not self.cursor.is_over:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self.cursor)
            await self.verify_listings()
        return self.cursor

    async def begin_content_verification(self) -> None:
        """A round of its own; over at once while the flow is off."""
        name = self.cursor.connection_id
        self.cursor = await workflow.execute_activity_method(
            ContentVerificationActivities.begin_content_verification,
            self.cursor,
            **background(f"verify content of {name}", name),
        )

    async def verify_listings(self) -> None:
        """The next listings, behind everything else that the workers have to do."""
        at = self.cursor
        workflow.set_current_details(f"**{at.looked}** fields looked at, **{at.wrong}** not as they should be")
        self.cursor = await workflow.execute_activity_method(
            ContentVerificationActivities.verify_listings,
            at,
            **background(f"read listings of {at.connection_id} back", at.connection_id),
        )
