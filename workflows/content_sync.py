"""Content sync: keeps what one channel shows of our products at what the master says, for as long as it is on."""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content import ContentActivities
    from domain.errors import DomainError
    from domain.refs import ConnectionRef, Published, SyncCursor
    from workflows.options import channel_turn


@workflow.defn(failure_exception_types=[DomainError])
class ContentSync:
    """One run per connection, for months; what is to be told is a table, so the run keeps a cursor only.

    Nothing to undo: a field is a state, and the newest one replaces it. Pivot: none.
    """

    @workflow.init
    def __init__(self, cursor: SyncCursor) -> None:
        self.cursor = cursor
        self.is_woken = True
        self.last = Published(connection_id=cursor.connection_id)

    @workflow.run
    async def run(self, cursor: SyncCursor) -> SyncCursor:  # noqa: ARG002 it is in the state already
        while not self.last.is_off and not workflow.info().is_continue_as_new_suggested():
            await self.sync_content()
            await self.until_woken_or_due()
        if not self.last.is_off:
            workflow.continue_as_new(self.cursor)
        return self.cursor

    @workflow.signal
    def woken(self) -> None:
        """Something was edited, though the run had gone to rest."""
        self.is_woken = True

    async def sync_content(self) -> None:
        """Tell what differs; however many edits there were, one turn does."""
        self.is_woken = False
        name = self.cursor.connection_id
        self.cursor = self.cursor.model_copy(update={"turns": self.cursor.turns + 1})
        self.last = await workflow.execute_activity_method(
            ContentActivities.sync_content,
            ConnectionRef(connection_id=name),
            **channel_turn(f"content to {name}", name),
        )

    async def until_woken_or_due(self) -> None:
        """A wake-up, or the time at which something is to be tried again or looked at."""
        if self.last.is_off:
            return
        until = f" until {self.last.due_at:%Y-%m-%d %H:%M:%S} UTC" if self.last.due_at else ""
        workflow.set_current_details(f"**at rest**{until}: every change is told")
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.is_woken, timeout=self.until_due, timeout_summary="something is due"
            )

    @property
    def until_due(self) -> timedelta:
        """Without anything to wait for it looks now and then all the same."""
        if self.last.due_at is None:
            return timedelta(minutes=10)
        return max(self.last.due_at - workflow.now(), timedelta(milliseconds=50))
