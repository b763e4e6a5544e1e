"""The laws of goods and money notice a protection that is switched off: each of these mutants must break one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from db.returns import exchange, goods, money, refunds
from db.returns.budget import Budget, budget
from db.returns.exchange import settle as settle_exchange
from tests.db.test_return_laws import Returns, machine

Patch = Callable[[pytest.MonkeyPatch], None]


def rounds_each_part_up(patch: pytest.MonkeyPatch) -> None:
    """Two halves of a cent are then two cents."""
    patch.setattr(money, "worth_of", lambda share, ordered, _before, units: -(-share * units // ordered))


def forgets_what_was_given_back(patch: pytest.MonkeyPatch) -> None:
    def forgetful(tx: Any, order_id: str) -> Budget:
        known = budget(tx, order_id)
        return known._replace(taken=tuple(one.model_copy(update={"given_back_minor": 0}) for one in known.taken))

    patch.setattr(refunds, "budget", forgetful)


def lets_more_come_back_than_left(patch: pytest.MonkeyPatch) -> None:
    authorize = goods.authorize

    def generous(tx: Any, row: Any, line_id: str, quantity: int, shipped: int, **more: Any) -> None:
        authorize(tx, row, line_id, quantity + 1, shipped + 9, **more)

    patch.setattr(goods, "authorize", generous)


def refunds_what_an_exchange_has_used(patch: pytest.MonkeyPatch) -> None:
    def twice(tx: Any, vault: Any, row: Any, order: Any, credit_minor: int, now: Any) -> int:
        settle_exchange(tx, vault, row, order, credit_minor, now)
        return credit_minor

    patch.setattr(exchange, "settle", twice)


def refunds_what_the_channel_gave(patch: pytest.MonkeyPatch) -> None:
    """It is noted as given, and given once more."""

    def noted_only(tx: Any, row: Any, amount: int) -> int:
        claimed(tx, row, amount)
        return 0

    claimed = money._given_by_channel
    patch.setattr(money, "_given_by_channel", noted_only)


MUTANTS: list[Patch] = [
    rounds_each_part_up, forgets_what_was_given_back, lets_more_come_back_than_left,
    refunds_what_an_exchange_has_used, refunds_what_the_channel_gave,
]  # fmt: skip


@pytest.fixture
def laws(database_url: str) -> Iterator[Any]:
    with machine(database_url) as made:
        yield made()


def played(laws: Any) -> None:
    """One course of events that touches every protection; all laws are looked at after each step."""

    def step(rule: Callable[..., None], *values: Any, **named: Any) -> None:
        rule(*values, **named)
        for law in LAWS:
            getattr(laws, law)()

    def comes_back(pick: int, line: str, units: int) -> None:
        step(laws.receive, pick, {"L1": "TEE", "L2": "MUG"}[line], units, twice=True)
        step(laws.look, pick, 0)
        step(laws.refund, 0, shown_first=True)

    step(laws.begin, currency="EUR", price=333, discount=1, shipping=5)
    step(laws.open, "L1", 1, exchange=False, method="in_store")
    step(laws.refund_at_the_channel, 100)
    comes_back(1, "L1", 1)
    step(laws.ship, "L1", 1)
    step(laws.open, "L1", 1, exchange=False, method="drop_off")
    comes_back(2, "L1", 1)
    step(laws.ship, "L2", 2)
    step(laws.open, "L2", 1, exchange=True, method="in_store")
    comes_back(3, "L2", 1)
    step(laws.open, "L2", 1, exchange=False, method="in_store")
    comes_back(4, "L2", 1)


LAWS = [name for name, value in vars(Returns).items() if hasattr(value, "hypothesis_stateful_invariant")]


def test_the_course_of_events_breaks_no_law(laws: Any) -> None:
    played(laws)

    assert len(LAWS) == 4


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_protection_that_is_switched_off_is_noticed(
    mutant: Patch, laws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)

    with pytest.raises((AssertionError, IntegrityError)):
        played(laws)
