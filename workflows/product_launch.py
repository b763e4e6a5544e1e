"""Product launch: from a plan to products that are live on every channel at one moment, or as they were before."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.launch import LaunchActivities
    from activities.launch_listings import LaunchListingActivities
    from activities.launch_restoring import LaunchRestoringActivities
    from domain.errors import DomainError
    from domain.launch.approval import Approval, check_approval
    from domain.launch.standing import Batch, LaunchOutcome, LaunchRef, LaunchStanding
    from domain.refs import Recorded
    from workflows.compensation import Compensations
    from workflows.names import STAGE
    from workflows.options import at_once, channel, database, long_channel, patient

WAITING = frozenset({"blocked", "awaiting_approval", "embargo", "paused", "missed"})
LOOK_AGAIN = timedelta(seconds=30)
"""How long a step that was held back waits, if nobody says that anything has changed."""
WATCH_EVERY = timedelta(minutes=10)
"""How often the public side is looked at during the embargo."""
LAST_LOOK = timedelta(seconds=10)
"""So long before the moment it is looked at once more."""


@workflow.defn(failure_exception_types=[DomainError])
class ProductLaunch:
    """One run per open launch; it keeps no facts, so a new run resumes from those on record.

    Pivot: the first channel live. Before it a failure takes back what is staged; after it the launch goes on to live
    everywhere, or forward to every channel as it was, by three-way merge.
    """

    @workflow.init
    def __init__(self, launch: LaunchRef) -> None:
        self.launch = launch
        self.standing: LaunchStanding | None = None
        self.news = 0
        self.tried: set[str] = set()
        self.steps: dict[str, asyncio.Task[None]] = {}
        self.watched_at = workflow.now()
        self.watched_for: datetime | None = None

    @workflow.run
    async def run(self, launch: LaunchRef) -> LaunchOutcome:
        async with Compensations(join=self.join_steps, failed=self.undo_failed) as undo:
            undo.add("restore", self.restore_everything)
            await self.look()
            while not self.is_decided:
                await self.look_at_channels()
                await self.stage_hidden()
                await self.take_back()
                await self.watch_for_leaks()
                await self.until_the_moment()
            undo.pass_pivot(keep="restore")
            await self.go_live()
            await self.see_it_live()
            await self.restore_what_cannot_stand()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return LaunchOutcome(launch_id=launch.launch_id, outcome=self.now_at.outcome or "superseded")

    # ---- what people say --------------------------------------------------------------------------------------------

    @workflow.signal
    def recorded(self, facts: Recorded) -> None:
        """Facts are on record that the run has not seen."""
        self.news = max(self.news, facts.seq)

    @workflow.update
    async def approve(self, approval: Approval) -> LaunchStanding:
        """One person's yes; needs a role, and another person than the one who made the launch."""
        standing: LaunchStanding = await workflow.execute_local_activity_method(
            LaunchActivities.approve_launch, args=[self.launch, approval], **database("record the approval")
        )
        self.learn(standing)
        return standing

    @approve.validator
    def may_approve(self, approval: Approval) -> None:
        at = self.standing
        if at is not None:
            decided = at.barrier_passed or at.stage in {"restoring", "over"}
            try:
                check_approval(approval, at.created_by, at.approved_by, is_decided=decided)
            except DomainError as no:
                raise ApplicationError(str(no), type=no.code) from None

    # ---- before the moment ------------------------------------------------------------------------------------------

    async def look_at_channels(self) -> None:
        """The snapshot: what each channel shows before anything is changed."""
        await self.each("look", self.now_at.look, self.look_at_listings)

    async def stage_hidden(self) -> None:
        """Everything that the channels can hold without showing it."""
        await self.each("stage", self.now_at.stage_, self.stage_listings)

    async def take_back(self) -> None:
        """What is staged on channels that were dropped."""
        await self.each("take back", self.now_at.take_back, self.restore_listings)

    async def watch_for_leaks(self) -> None:
        """Nothing may be public yet."""
        if self.now_at.stage in WAITING and self.watch_at <= workflow.now():
            self.watched_at = workflow.now()
            if self.is_last_look:
                self.watched_for = self.now_at.go_live_at
            await self.each("watch", self.now_at.watch, self.watch_listings)
            self.forget("watch")

    async def until_the_moment(self) -> None:
        """News, the moment, or time to look again; at the moment the barrier is passed if everything is ready."""
        self.show_progress()
        if self.now_at.stage in WAITING and not self.has_news:
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self.has_news, timeout=self.until_due, timeout_summary=f"{self.now_at.stage}: deadline"
                )
        elif self.is_held_back:
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: self.has_news, timeout=LOOK_AGAIN, timeout_summary="held back")
        self.tried.clear()
        if workflow.info().is_continue_as_new_suggested():
            await workflow.wait_condition(workflow.all_handlers_finished)
            workflow.continue_as_new(self.launch)
        if self.is_moment and self.now_at.stage == "embargo":
            await self.pass_barrier()
        else:
            await self.look()

    # ---- the moment and after ---------------------------------------------------------------------------------------

    async def go_live(self) -> None:
        """Everywhere at once; channels that cannot hide a draft only when the others are live."""
        await self.each("publish", self.now_at.publish, self.publish_listings)
        await self.each("publish", self.now_at.publish_last, self.publish_listings)

    async def see_it_live(self) -> None:
        """As buyers see it, by the platforms' public side."""
        await self.each("see", self.now_at.verify, self.see_listings)
        await self.look()

    async def restore_what_cannot_stand(self) -> None:
        """A channel that failed, or all of them: for as long as it takes."""
        while not self.is_over:
            self.show_progress()
            await self.each("restore", self.now_at.take_back, self.restore_listings)
            await self.each("see", self.now_at.verify, self.see_listings)
            await self.look()
            if not self.is_over and self.is_held_back:
                with suppress(TimeoutError):
                    await workflow.wait_condition(
                        lambda: self.has_news, timeout=LOOK_AGAIN, timeout_summary="held back"
                    )
            self.tried.clear()

    async def restore_everything(self) -> None:
        """Undo of all that was staged or shown."""
        self.learn(
            await workflow.execute_local_activity_method(
                LaunchActivities.stop_launch, self.launch, **database("take the launch back")
            )
        )
        self.tried.clear()
        await self.restore_what_cannot_stand()

    # ---- steps in our own database ----------------------------------------------------------------------------------

    async def look(self) -> None:
        self.learn(
            await workflow.execute_local_activity_method(
                LaunchActivities.look_at_launch, self.launch, **database("look at the facts")
            )
        )

    async def pass_barrier(self) -> None:
        self.learn(
            await workflow.execute_local_activity_method(
                LaunchActivities.pass_barrier, self.launch, **database("pass the barrier")
            )
        )

    # ---- steps at platforms -----------------------------------------------------------------------------------------

    async def look_at_listings(self, batch: Batch) -> LaunchStanding:
        return await workflow.execute_activity_method(
            LaunchListingActivities.look_at_listings,
            batch,
            **long_channel(f"look at {short(batch)}", batch.connection_id),
        )

    async def stage_listings(self, batch: Batch) -> LaunchStanding:
        return await workflow.execute_activity_method(
            LaunchListingActivities.stage_listings, batch, **long_channel(f"stage {short(batch)}", batch.connection_id)
        )

    async def watch_listings(self, batch: Batch) -> LaunchStanding:
        """A channel that cannot be looked at does not make the launch late: it is looked at again, or not any more."""
        left = max(LAST_LOOK, min(self.now_at.go_live_at - workflow.now(), WATCH_EVERY))
        try:
            return await workflow.execute_activity_method(
                LaunchListingActivities.watch_listings,
                batch,
                schedule_to_close_timeout=left,
                **channel(f"watch {short(batch)}", batch.connection_id),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return self.now_at

    async def publish_listings(self, batch: Batch) -> LaunchStanding:
        return await self.or_give_up(
            batch,
            workflow.execute_activity_method(
                LaunchListingActivities.publish_listings,
                batch,
                **at_once(f"publish {short(batch)}", batch.connection_id, batch.on_channel),
            ),
        )

    async def see_listings(self, batch: Batch) -> LaunchStanding:
        return await self.or_give_up(
            batch,
            workflow.execute_activity_method(
                LaunchListingActivities.see_listings, batch, **patient(f"see {short(batch)}", batch.connection_id)
            ),
        )

    async def restore_listings(self, batch: Batch) -> LaunchStanding:
        return await workflow.execute_activity_method(
            LaunchRestoringActivities.restore_listings,
            batch,
            **long_channel(f"restore {short(batch)}", batch.connection_id),
        )

    async def or_give_up(self, batch: Batch, step: Awaitable[LaunchStanding]) -> LaunchStanding:
        """A channel that does not come live in time fails, and the policy decides about the others."""
        try:
            return await step
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            reason = getattr(error.cause, "type", None) or "timeout"
            return await workflow.execute_local_activity_method(
                LaunchActivities.give_up_channel, args=[batch, reason], **database(f"give up {batch.connection_id}")
            )

    async def each(
        self, step: str, batches: tuple[Batch, ...], do: Callable[[Batch], Awaitable[LaunchStanding]]
    ) -> None:
        """All of them at once; one that was held back is not tried again before there is news."""
        for batch in batches:
            name = f"{step} {short(batch)}"
            if name not in self.tried:
                self.tried.add(name)
                self.steps[name] = asyncio.ensure_future(self.take(do, batch))
        await self.settled()

    async def take(self, do: Callable[[Batch], Awaitable[LaunchStanding]], batch: Batch) -> None:
        self.learn(await do(batch))

    async def settled(self) -> None:
        """All steps under way are done; the first failure is raised after the others have ended."""
        done = await asyncio.gather(*self.steps.values(), return_exceptions=True)
        self.steps.clear()
        for failure in done:
            if isinstance(failure, BaseException):
                raise failure

    async def join_steps(self) -> None:
        """Wait for all that is under way; what became of it is in the facts."""
        await asyncio.gather(*self.steps.values(), return_exceptions=True)
        self.steps.clear()

    def undo_failed(self, step: str, error: BaseException) -> None:
        """The facts still show what could not be taken back."""
        workflow.logger.error("undo failed", extra={"step": step, "error": type(error).__name__})

    # ---- state ------------------------------------------------------------------------------------------------------

    def learn(self, standing: LaunchStanding) -> None:
        """Steps run side by side: an answer that is older than what is known changes nothing."""
        if self.standing is None or standing.step >= self.standing.step:
            self.standing = standing

    def forget(self, step: str) -> None:
        self.tried = {name for name in self.tried if not name.startswith(f"{step} ")}

    def show_progress(self) -> None:
        """What the Temporal UI tells: the stage, what the run waits for, and until when."""
        at = self.now_at
        until = f" until {at.due_at:%Y-%m-%d %H:%M:%S} UTC" if at.due_at else ""
        workflow.set_current_details(f"**{at.stage}**: {at.headline}{until}")
        workflow.upsert_search_attributes([STAGE.value_set(at.stage)])

    @property
    def now_at(self) -> LaunchStanding:
        assert self.standing is not None
        return self.standing

    @property
    def has_news(self) -> bool:
        return self.news > self.now_at.seq

    @property
    def is_decided(self) -> bool:
        return self.now_at.barrier_passed or self.now_at.stage in {"restoring", "over"}

    @property
    def is_over(self) -> bool:
        return self.now_at.outcome is not None

    @property
    def is_moment(self) -> bool:
        return workflow.now() >= self.now_at.go_live_at

    @property
    def is_last_look(self) -> bool:
        """The moment is near, and nobody has looked for this one yet: it may have been moved."""
        at = self.now_at.go_live_at
        return self.watched_for != at and workflow.now() >= at - LAST_LOOK

    @property
    def watch_at(self) -> datetime:
        """When the public side is looked at next."""
        regular = self.watched_at + WATCH_EVERY
        at = self.now_at.go_live_at
        return regular if self.watched_for == at else min(regular, at - LAST_LOOK)

    @property
    def is_held_back(self) -> bool:
        """Something was tried and is still to be done."""
        at = self.now_at
        left = [*at.look, *at.stage_, *at.take_back]
        return bool(left) and all(any(name.endswith(short(batch)) for name in self.tried) for batch in left)

    @property
    def until_due(self) -> timedelta:
        """The moment, the end of patience, or the next look at the public side."""
        at = self.now_at
        due = [self.watch_at] if at.watch else []
        due += [at.due_at] if at.due_at else []
        return max(min(due, default=workflow.now() + WATCH_EVERY) - workflow.now(), timedelta(milliseconds=1))


def short(batch: Batch) -> str:
    """A batch in a word."""
    return f"{batch.connection_id} #{batch.number}"
