"""Writes whose answer is lost, unreadable or doubled: one effect, by the simulator's own count."""

import httpx

from connectors.errors import OutcomeUnknownError, RejectedError, TryAgainError
from connectors.testing.outcome_checks import NEVER_JSON
from connectors.testing.scene import committing_exchange, methods, scene
from connectors.testing.subject import Subject
from connectors.testing.tampering import commit_then_drop, garble, lose, twice


async def an_undisturbed_write_is_found(subject: Subject) -> None:
    """The look-up proves a write, and proves nothing before it; asking again changes nothing."""
    for method in await methods(subject, "write", by_wire=False):
        async with scene(subject, method) as one:
            assert not await one.found(), f"{method}: found before it was done"
            attempt = await one.attempt()
            assert attempt.failure is None, f"{method}: {attempt.kind}"
            assert await one.found(), f"{method}: not found after it was done"
            if one.call.is_idempotent:
                await one.attempt()
            assert one.committed == 1, f"{method}: committed {one.committed} times"


async def an_unanswered_write_is_unknown_and_found(subject: Subject) -> None:
    """Commit-then-drop: the answer is lost, the effect is there, the look-up finds it, so nothing is repeated."""
    for method in await methods(subject, "write"):
        position = await committing_exchange(subject, method)
        async with scene(subject, method) as one:
            attempt = await one.attempt(commit_then_drop, at=position)
            is_honest = attempt.failure is None or isinstance(attempt.failure, OutcomeUnknownError)
            assert is_honest, f"{method}: a lost answer became {attempt.kind}, and it would be repeated or given up"
            assert await one.found(), f"{method}: done, but its look-up does not find it"
            assert one.committed == 1, f"{method}: committed {one.committed} times"


async def an_unreadable_answer_to_a_write_is_no_refusal(subject: Subject) -> None:
    """The platform has acted; its garbled answer must not read as "nothing happened"."""
    for method in await methods(subject, "write"):
        position = await committing_exchange(subject, method)
        for body in NEVER_JSON:
            async with scene(subject, method) as one:
                attempt = await one.attempt(garble(body), at=position)
                is_honest = attempt.failure is None or isinstance(attempt.failure, OutcomeUnknownError)
                assert is_honest, f"{method}: {body[:20]!r} became {attempt.kind}"
                assert one.committed == 1, f"{method}: committed {one.committed} times"


async def a_write_that_never_left_may_be_repeated(subject: Subject) -> None:
    """No connection: nothing happened, and doing it again makes it happen once. A silent one may have happened."""
    for method in await methods(subject, "write"):
        position = await committing_exchange(subject, method)
        async with scene(subject, method) as one:
            attempt = await one.attempt(lose(httpx.ConnectError), at=position)
            assert isinstance(attempt.failure, TryAgainError), f"{method}: no connection became {attempt.kind}"
            assert (await one.attempt()).failure is None, f"{method}: cannot be repeated"
            assert one.committed == 1, f"{method}: committed {one.committed} times"
        async with scene(subject, method) as one:
            attempt = await one.attempt(lose(httpx.ReadTimeout), at=position)
            assert isinstance(attempt.failure, OutcomeUnknownError), f"{method}: a timeout became {attempt.kind}"


async def a_repeated_write_is_committed_once(subject: Subject) -> None:
    """The network or the hub repeats a request: where the platform can keep it single, the connector lets it."""
    for method in await methods(subject, "write"):
        position = await committing_exchange(subject, method)
        async with scene(subject, method) as one:
            if not one.call.is_idempotent:
                continue
            attempt = await one.attempt(twice, at=position)
            is_honest = attempt.failure is None or isinstance(attempt.failure, OutcomeUnknownError | RejectedError)
            assert is_honest, f"{method}: a doubled request became {attempt.kind}"
            await one.attempt()
            assert await one.found(), f"{method}: not found after a doubled request"
            assert one.committed == 1, f"{method}: committed {one.committed} times"
