"""Every effect happens once: a reply that is lost is looked up, and nothing is repeated blindly."""

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from activities.effects import Effects, HeldBackError
from connectors.contract import Effect
from connectors.errors import ConnectorError, NotAuthorizedError, OutcomeUnknownError, RejectedError, TryAgainError
from db import connections, effects
from db.desks.ledger import EffectDesk
from db.order_reading import EFFECTS
from db.session import Database
from tests.db.world import NOW

AT_ONCE = timedelta(0)


class Platform:
    """Counts what it really did; raises `error` instead of an answer, after the deed if that is what was lost."""

    def __init__(self, error: ConnectorError | None = None) -> None:
        self.error = error
        self.done: Counter[str] = Counter()

    async def do(self, reference: str) -> None:
        if isinstance(self.error, OutcomeUnknownError) or self.error is None:
            self.done[reference] += 1
        if self.error:
            raise self.error

    async def find(self, reference: str) -> str | None:
        return reference if self.done[reference] else None


def effect(key: str) -> Effect:
    return Effect(key=key, kind="send", connection_id="store")


async def until_done(way_out: Effects, platform: Platform, reference: str, keys: Iterator[str]) -> None:
    """As the engine does: repeat until it works."""
    while True:
        try:
            await way_out.perform(
                effect(next(keys)), lambda: platform.do(reference), lambda: platform.find(reference), AT_ONCE
            )
        except (OutcomeUnknownError, TryAgainError):
            continue
        return


async def duplicates(database: Database, *, stable: bool) -> int:
    platform = Platform(OutcomeUnknownError("the reply was lost"))
    way_out = Effects(EffectDesk(database))
    fresh = (f"random-{n}" for n in itertools.count())
    for number in range(1000 if stable else 20):
        keys = itertools.repeat(f"send:{number}") if stable else itertools.islice(fresh, 3)
        with suppress(RuntimeError):  # the keys of the control run out
            await until_done(way_out, platform, str(number), keys)
    return sum(count - 1 for count in platform.done.values())


async def test_a_thousand_lost_replies_make_no_duplicate(database: Database) -> None:
    assert await duplicates(database, stable=True) == 0


async def test_with_a_random_key_the_check_finds_duplicates(database: Database) -> None:
    """The control: the protection is the stable key."""
    assert await duplicates(database, stable=False) > 0


async def perform(database: Database, platform: Platform, key: str = "send:1") -> str:
    return await Effects(EffectDesk(database)).perform(
        effect(key), lambda: platform.do(key), lambda: platform.find(key)
    )


def state_of(database: Database, key: str = "send:1") -> tuple[str, bool]:
    row = database.read_now(lambda tx: tx.execute(select(EFFECTS).where(EFFECTS.c.key == key)).one())
    return row.state, row.called_at is not None


async def test_a_refusal_to_answer_now_needs_no_look_up(database: Database) -> None:
    with pytest.raises(TryAgainError):
        await perform(database, Platform(TryAgainError("429")))

    assert state_of(database) == ("intent", False)


async def test_refused_credentials_pause_the_connection(database: Database) -> None:
    with pytest.raises(HeldBackError):
        await perform(database, Platform(NotAuthorizedError("401")))

    assert database.read_now(lambda tx: connections.load(tx, "store")).paused_at is not None


async def test_nothing_is_called_while_writes_are_paused(database: Database) -> None:
    database.write_now(lambda tx: connections.pause(tx, "store", reason="test", now=NOW))
    platform = Platform()

    with pytest.raises(HeldBackError):
        await perform(database, platform)

    assert platform.done == Counter()


async def test_what_was_rejected_is_not_asked_again(database: Database) -> None:
    with pytest.raises(RejectedError):
        await perform(database, Platform(RejectedError("no")))
    database.write_now(lambda tx: effects.reject(tx, "send:1", "rejected", NOW))
    platform = Platform()

    with pytest.raises(HeldBackError):
        await perform(database, platform)

    assert platform.done == Counter()


async def test_not_found_proves_nothing_while_the_call_may_still_arrive(database: Database) -> None:
    platform = Platform(OutcomeUnknownError("lost"))
    with pytest.raises(OutcomeUnknownError):
        await perform(database, platform)
    platform.done.clear()

    with pytest.raises(TryAgainError) as early:
        await perform(database, platform)

    assert early.value.after is not None
    assert early.value.after > timedelta(seconds=5)
