"""The laws of the stock ledger under any sequence of movements, each possibly told twice."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, create_engine, func, select

from db.ledger import LEVELS, RESERVATIONS, Units, consume, release, reserve, verify
from db.restock import count, receive
from tests.db.migrated import migrated

AT = datetime(2026, 11, 23, tzinfo=UTC)
QUICK = settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
UNITS = st.integers(1, 4)
ITEM = st.sampled_from(["TEE", "MUG"])


class Ledger(RuleBasedStateMachine):
    """Nobody counts less than is promised here, so no promise may go beyond what is there."""

    engine: Engine
    protected = True

    def __init__(self) -> None:
        super().__init__()
        self.number = itertools.count()
        self.open: list[tuple[str, Units]] = []
        with self.engine.begin() as tx:
            for table in ("stock_movements", "reservations", "inventory_levels"):
                tx.exec_driver_sql(f"DELETE FROM {table}")

    @rule(item=ITEM, units=UNITS, twice=st.booleans())
    def receive(self, item: str, units: int, twice: bool) -> None:
        key = f"r{next(self.number)}"
        with self.engine.begin() as tx:
            for _ in range(1 + twice):
                receive(tx, key, item, "berlin", units, at=AT)

    @rule(item=ITEM, more=st.integers(0, 3))
    def count(self, item: str, more: int) -> None:
        with self.engine.begin() as tx:
            promised = tx.execute(select(LEVELS.c.reserved).where(LEVELS.c.item_id == item)).scalar() or 0
            count(tx, f"c{next(self.number)}", item, "berlin", promised + more, at=AT)

    @rule(item=ITEM, first=UNITS, second=UNITS)
    def reserve(self, item: str, first: int, second: int) -> None:
        """Two lines that ask for the same item share its stock."""
        holder = f"F{next(self.number)}"
        units = [Units("L1", item, "berlin", first), Units("L2", item, "berlin", second)]
        with self.engine.connect() as tx:
            if not self.protected:
                tx.execute(LEVELS.update().where(LEVELS.c.item_id == item).values(on_hand=LEVELS.c.on_hand + 100))
            done = reserve(tx, "order", holder, units, at=AT)
            if not self.protected:
                tx.execute(LEVELS.update().where(LEVELS.c.item_id == item).values(on_hand=LEVELS.c.on_hand - 100))
            if done:
                tx.commit()
                self.open += [(holder, unit) for unit in units]

    @rule(twice=st.booleans())
    def release(self, twice: bool) -> None:
        if self.open:
            holder = self.open[0][0]
            with self.engine.begin() as tx:
                for _ in range(1 + twice):
                    release(tx, "order", holder, at=AT)
            self.open = [(other, unit) for other, unit in self.open if other != holder]

    @rule(twice=st.booleans())
    def ship(self, twice: bool) -> None:
        if self.open:
            holder, unit = self.open.pop()
            with self.engine.begin() as tx:
                for _ in range(1 + twice):
                    consume(tx, "order", holder, f"{holder}-p{unit.line_id}", unit, at=AT)

    @invariant()
    def every_balance_is_the_sum_of_its_movements(self) -> None:
        with self.engine.connect() as tx:
            assert verify(tx) == ()

    @invariant()
    def nothing_is_promised_twice(self) -> None:
        with self.engine.connect() as tx:
            assert all(0 <= row.reserved <= row.on_hand for row in tx.execute(select(LEVELS)))
            promised = tx.execute(select(func.coalesce(func.sum(RESERVATIONS.c.quantity), 0))).scalar_one()
            assert promised == sum(unit.quantity for _, unit in self.open)


@contextmanager
def machine(url: str, *, protected: bool = True) -> Iterator[type[Ledger]]:
    """One engine for all examples: making its statements costs more than running them."""
    migrated(url)
    scheme, rest = url.split("://", 1)
    engine = create_engine(url if scheme == "sqlite" else f"postgresql+psycopg://{rest}")
    yield type("Machine", (Ledger,), {"engine": engine, "protected": protected})
    engine.dispose()


def test_no_sequence_breaks_the_ledger(database_url: str) -> None:
    examples = 40 if database_url.startswith("sqlite") else 15  # the same statements, at four times the cost

    with machine(database_url) as laws:
        run_state_machine_as_test(laws, settings=settings(QUICK, max_examples=examples))


def test_the_laws_catch_a_reservation_without_protection(tmp_path: Path) -> None:
    """The control: with the limit lifted, stock is promised that is not there."""
    with machine(f"sqlite:///{tmp_path}/tutti.db", protected=False) as laws, pytest.raises(AssertionError):
        run_state_machine_as_test(laws, settings=settings(QUICK, print_blob=False, phases=[Phase.generate]))
