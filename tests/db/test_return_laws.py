"""The laws of goods and money under any sequence of what can happen to an order that comes back."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, create_engine, func, select

from db import commands as order_commands
from db.ledger import verify
from db.order_reading import LINES, ORDERS, SHIPMENTS
from db.reports import record_report
from db.restock import receive as restock
from db.returns import commands, duties, goods, refunds, requests
from db.returns.opening import Wish, open_return
from db.returns.rows import DUTIES, GOODS, REFUNDS, RETURN_LINES, RETURNS, change, of_order, row_of
from db.returns.standing import settle
from db.tenders import TENDERS, append, entry, movement
from domain.channel_order import BothMoney, ChannelTender
from domain.errors import DomainError
from domain.fulfillment import FulfillmentReport, ReportedLine, ReportedShipment
from domain.money import Money
from domain.returns.eligibility import WantedLine
from domain.shares import units_of_line
from tests.db.migrated import migrated
from tests.db.world import NOW, VAULT, channel_order, found, route, take

QUICK = settings(
    max_examples=15, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
LINE = st.sampled_from(["L1", "L2"])
ITEMS = {"L1": "TEE", "L2": "MUG"}
UNITS = st.integers(1, 3)
AMOUNT = st.integers(1, 1500)
NUMBER = itertools.count(1)


def priced(number: int, currency: str, price: int, discount: int, shipping: int):
    """3 T-shirts and 2 mugs at an awkward price, with a discount and shipping that do not divide."""
    order = channel_order(number, TEE=3, MUG=2)

    def both(minor: int) -> BothMoney:
        amount = Money(amount_minor=minor, currency=currency)
        return BothMoney(shop=amount, presentment=amount)

    lines = tuple(
        line.model_copy(update={"unit_price": both(price), "discount": both(0), "tax": both(0)}) for line in order.lines
    )
    goods_total = 5 * price
    total = both(goods_total - discount + shipping)
    return order.model_copy(
        update={
            "lines": lines, "subtotal": both(goods_total), "discounts": both(discount), "shipping": both(shipping),
            "tax": both(0), "total": total, "financial": "authorized",
            "tenders": (ChannelTender(external_id="auth", tender="card", kind="authorized", amount=total.shop, at=NOW),),
        }
    )  # fmt: skip


class Returns(RuleBasedStateMachine):
    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.key = itertools.count()

    def do(self, work) -> None:
        """A refusal is an answer: what it had begun is undone."""
        try:
            with self.engine.begin() as tx:
                work(tx)
        except DomainError:
            pass

    def some_return(self, tx, pick: int):
        rows = of_order(tx, self.order)
        return rows[pick % len(rows)] if rows else None

    @initialize(currency=st.sampled_from(["EUR", "JPY", "KWD"]), price=st.integers(1, 999), discount=st.integers(0, 4), shipping=st.integers(0, 99))  # fmt: skip
    def begin(self, currency: str, price: int, discount: int, shipping: int) -> None:
        self.currency = currency
        with self.engine.begin() as tx:
            number = next(NUMBER)
            for item in ("TEE", "MUG"):  # plenty: what earlier examples left waiting takes none of it away
                restock(tx, f"law:{number}:{item}", item, "berlin", 1000, at=NOW)
            self.order = take(tx, priced(number, currency, price, discount, shipping))
            self.works = route(tx, self.order)
        self.once_round()

    def once_round(self) -> None:
        """Every example has money and goods that have moved before chance takes over."""
        self.capture(1500, "card")
        self.ship("L1", 2)
        self.open("L1", 1, exchange=False, method="in_store")
        self.receive(0, "TEE", 1, twice=True)
        self.look(0, 0)
        self.refund(0, shown_first=False)
        self.grade(0, "L1", 1, "new")

    @rule(amount=AMOUNT, tender=st.sampled_from(["card", "gift_card"]))
    def capture(self, amount: int, tender: str) -> None:
        key = f"cap{next(self.key)}"
        money = Money(amount_minor=amount, currency=self.currency)
        self.do(lambda tx: append(tx, [entry(self.order, key, tender, "captured", money, NOW, "web", external_id=key)]))

    @rule(line=LINE, units=UNITS)
    def cancel(self, line: str, units: int) -> None:
        self.do(lambda tx: order_commands.cancel_units(tx, self.order, {line: units}, NOW, why="other", by="buyer"))

    @rule(line=LINE, units=UNITS)
    def ship(self, line: str, units: int) -> None:
        parcel = ReportedShipment(external_id=f"p{next(self.key)}", lines=(ReportedLine(line_id=line, quantity=units),))
        report = FulfillmentReport(
            key=parcel.external_id, kind="shipped", reference=self.works[0], at=NOW, shipment=parcel
        )
        self.do(lambda tx: record_report(tx, report, connection_id="store", source="test", now=NOW))

    @rule(line=LINE, units=UNITS, exchange=st.booleans(), method=st.sampled_from(["in_store", "drop_off", "keep"]))
    def open(self, line: str, units: int, exchange: bool, method: str) -> None:
        wish = Wish(
            lines=(WantedLine(line_id=line, quantity=units),), method=method, opened_by="api", by="test",  # type: ignore[arg-type]
            resolution="exchange" if exchange else "refund", exchange=(("MUG", 1, 333),) if exchange else (),
        )  # fmt: skip

        def work(tx) -> None:
            rma = open_return(tx, self.order, wish, NOW)
            change(tx, rma, expires_at=NOW + timedelta(days=9))

        self.do(work)

    @rule(pick=st.integers(0, 5), item=st.sampled_from(["TEE", "MUG", "SET"]), units=UNITS, twice=st.booleans())
    def receive(self, pick: int, item: str, units: int, twice: bool) -> None:
        key = f"r{next(self.key)}"

        def work(tx) -> None:
            for _ in range(1 + twice):
                if row := self.some_return(tx, pick):
                    goods.receive(tx, row, key, item, units, "berlin", by="test", now=NOW)

        self.do(work)

    @rule(pick=st.integers(0, 5), line=LINE, units=UNITS, grade=st.sampled_from(["new", "worn"]))
    def grade(self, pick: int, line: str, units: int, grade: str) -> None:
        key = f"g{next(self.key)}"

        def work(tx) -> None:
            if row := self.some_return(tx, pick):
                given: Any = {"grade": grade, "disposition": None, "to_location": "", "by": "test", "now": NOW}
                goods.grade(tx, row, key, line, ITEMS[line], units, **given)

        self.do(work)

    @rule(pick=st.integers(0, 5), days=st.integers(0, 12))
    def look(self, pick: int, days: int) -> None:
        def work(tx) -> None:
            if row := self.some_return(tx, pick):
                settle(tx, VAULT, row.id, NOW + timedelta(days=days))

        self.do(work)

    @rule(pick=st.integers(0, 9), shown_first=st.booleans())
    def refund(self, pick: int, shown_first: bool) -> None:
        """The provider makes it; its webhook may be quicker than the answer, and is no other refund."""

        def work(tx) -> None:
            chosen = (
                (DUTIES.c.return_id == RETURNS.c.id) & (RETURNS.c.order_id == self.order) & (DUTIES.c.kind == "refund")
            )
            todo = tx.execute(select(DUTIES, RETURNS.c.id).where(chosen, DUTIES.c.state == "")).all()
            if not todo:
                return
            duty = todo[pick % len(todo)]
            asked = requests.request(tx, VAULT, row_of(tx, duty.return_id), duties.find(tx, duty.id))
            if asked is None:
                duties.settle(tx, duty.id, "skipped")
                return
            name = f"re_{asked.reference}"
            if shown_first:
                append(tx, [movement(self.order, name, "card", "refunded", asked.amount, NOW, "web")])
            refunds.made(tx, requests.refund_of(tx, duty), name, asked.amount, NOW)
            duties.settle(tx, duty.id, "done")

        self.do(work)

    @rule(amount=AMOUNT)
    def refund_at_the_channel(self, amount: int) -> None:
        key, money = f"out{next(self.key)}", Money(amount_minor=amount, currency=self.currency)
        self.do(lambda tx: append(tx, [entry(self.order, key, "card", "refunded", money, NOW, "web", external_id=key)]))

    @rule(amount=AMOUNT, end=st.sampled_from(["", "chargeback_won", "chargeback_lost"]))
    def charge_back(self, amount: int, end: str) -> None:
        key, money = f"cb{next(self.key)}", Money(amount_minor=amount, currency=self.currency)
        for kind in ["chargeback"] + ([end] if end else []):
            row = entry(self.order, f"{kind}:{key}", "card", kind, money, NOW, "web", external_id=key)
            self.do(lambda tx, row=row: append(tx, [row]))

    @rule(pick=st.integers(0, 5))
    def withdraw(self, pick: int) -> None:
        def work(tx) -> None:
            if row := self.some_return(tx, pick):
                commands.withdraw(tx, row.id, by="test", now=NOW)

        self.do(work)

    # ---- laws ----

    @invariant()
    def no_tender_gives_back_more_than_was_taken_with_it(self) -> None:
        with self.engine.connect() as tx:
            captured = (TENDERS.c.order_id == self.order, TENDERS.c.kind == "captured")
            taken = {row.external_id: row.amount_minor for row in tx.execute(select(TENDERS).where(*captured))}
            alive = (REFUNDS.c.order_id == self.order, REFUNDS.c.state != "given_up")
            ours = tx.execute(
                select(REFUNDS.c.parent_external_id, func.sum(REFUNDS.c.amount_minor)).where(*alive).group_by(REFUNDS.c.parent_external_id)
            ).all()  # fmt: skip
            assert all(given <= taken[parent] for parent, given in ours)

    @invariant()
    def no_more_comes_back_than_left_and_nothing_is_counted_twice(self) -> None:
        with self.engine.connect() as tx:
            parcels = [
                parcel.lines for parcel in tx.execute(select(SHIPMENTS).where(SHIPMENTS.c.order_id == self.order))
            ]
            for line, item in ITEMS.items():
                scope = goods.line_scope(self.order, line)
                out = goods.count(tx, "authorized", scope=scope) - goods.count(tx, "released", scope=scope)
                assert out <= units_of_line(line, {item: 1}, parcels)
            for row in of_order(tx, self.order):
                here = {
                    kind: goods.count(tx, kind, return_id=row.id)
                    for kind in ("received", "graded", "restocked", "disposed")
                }
                assert here["restocked"] + here["disposed"] == here["graded"] <= here["received"]
            assert verify(tx) == ()

    @invariant()
    def no_cent_is_lost(self) -> None:
        """Parts of a line are worth no more than the line, and all of it together exactly that."""
        with self.engine.connect() as tx:
            order = tx.execute(select(ORDERS).where(ORDERS.c.id == self.order)).one()
            lines = tx.execute(select(LINES).where(LINES.c.order_id == self.order)).all()
            assert sum(line.share_minor for line in lines) + order.shipping_minor == order.total_minor
            for line in lines:
                mine = (RETURN_LINES.c.order_id == self.order, RETURN_LINES.c.line_id == line.line_id)
                paid, worth = tx.execute(select(func.coalesce(func.sum(RETURN_LINES.c.paid), 0), func.coalesce(func.sum(RETURN_LINES.c.worth_minor), 0)).where(*mine)).one()  # fmt: skip
                assert worth == line.given_back_minor <= line.share_minor
                assert paid < line.ordered or worth == line.share_minor

    @invariant()
    def what_is_owed_is_planned_given_by_the_channel_or_said(self) -> None:
        """Worth less fees and more shipping is all in refunds, in what the channel gave, or shown as uncovered."""
        with self.engine.connect() as tx:
            for row in of_order(tx, self.order):
                due = tx.execute(select(func.coalesce(func.sum(RETURN_LINES.c.worth_minor - RETURN_LINES.c.fee_minor), 0)).where(RETURN_LINES.c.return_id == row.id)).scalar_one()  # fmt: skip
                ours = tx.execute(select(func.coalesce(func.sum(REFUNDS.c.amount_minor), 0)).where(REFUNDS.c.return_id == row.id, REFUNDS.c.state != "given_up")).scalar_one()  # fmt: skip
                assert due + row.shipping_given_minor == ours + row.channel_given_minor + row.uncovered_minor


@contextmanager
def machine(url: str) -> Iterator[type[Returns]]:
    """One engine for all examples: making its statements costs more than running them."""
    migrated(url)
    scheme, rest = url.split("://", 1)
    engine = create_engine(url if scheme == "sqlite" else f"postgresql+psycopg://{rest}")
    with engine.begin() as tx:
        found(tx)
    yield type("Machine", (Returns,), {"engine": engine})
    engine.dispose()


def test_no_sequence_breaks_the_ledgers_of_goods_and_money(database_url: str) -> None:
    with machine(database_url) as laws:
        run_state_machine_as_test(laws, settings=QUICK)

        with laws.engine.connect() as tx:
            seen = {(row.state, bool(row.connection_id)) for row in tx.execute(select(REFUNDS))}
            kinds = set(tx.execute(select(GOODS.c.kind)).scalars())
    assert ("made", True) in seen  # the laws had something to hold
    assert {"authorized", "received", "graded"} <= kinds
