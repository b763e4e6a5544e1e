"""What a run is that follows facts: it begins the steps that they demand, waits for news or a deadline, and looks again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.refs import Recorded
    from workflows.names import STAGE, WAITS_FOR


class Standing(Protocol):
    """Where a thing stands, as far as the loop cares."""

    @property
    def seq(self) -> int: ...
    @property
    def stage(self) -> str: ...
    @property
    def waits_for(self) -> tuple[str, ...]: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def headline(self) -> str: ...


class Named(Protocol):
    """What a step is about."""

    @property
    def id(self) -> str: ...


S = TypeVar("S", bound=Standing)
N = TypeVar("N", bound=Named)


class FactLoop(Generic[S]):
    """Base of such workflows; `patient` are the stages in which people may search for a run by what it waits for."""

    def __init__(self, unknown: S, patient: frozenset[str]) -> None:
        self.standing = unknown
        self.news = 0
        self.steps: dict[str, asyncio.Task[S]] = {}
        self.tried: set[str] = set()
        self.waits = ""
        self.patient = patient

    @workflow.signal
    def recorded(self, facts: Recorded) -> None:
        """Facts are on record that the run has not seen."""
        self.news = max(self.news, facts.seq)

    def begin_each(self, step: str, targets: Iterable[N], do: Callable[[N], Awaitable[S]]) -> None:
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

    async def join_all(self) -> None:
        """Wait for all that is under way; what became of it is in the facts."""
        await asyncio.gather(*self.steps.values(), return_exceptions=True)
        self.steps.clear()

    def undo_failed(self, step: str, error: BaseException) -> None:
        """The facts still show what could not be undone; the exceptions derive from them."""
        workflow.logger.error("undo failed", extra={"step": step, "error": type(error).__name__})

    def learn(self, standing: S) -> None:
        """Steps run side by side: an answer that is older than what is known changes nothing."""
        if standing.seq >= self.standing.seq or standing.outcome == "superseded":
            self.standing = standing

    def show_progress(self) -> None:
        """What the Temporal UI tells: the stage, what the run waits for, and until when."""
        until = f" until {self.standing.due_at:%Y-%m-%d %H:%M} UTC" if self.standing.due_at else ""
        workflow.set_current_details(f"**{self.standing.stage}**: {self.standing.headline}{until}")
        waits = (
            self.standing.waits_for[0][:200] if self.standing.stage in self.patient and self.standing.waits_for else ""
        )
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
