"""An order as it was: whatever happened to it, every instant gives back what was shown at that instant."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from db import commands, order_detail
from db.order_reading import load
from db.reports import record_report
from db.session import Database
from db.standing import settle
from db.then import order as order_then
from domain.channel_order import Address
from domain.errors import DomainError
from domain.fulfillment import FulfillmentReport, ReportedLine, ReportedShipment
from tests.db.world import NOW, VAULT, channel_order, found, route, stock, take

ORDER_FIELDS = (
    "seq", "state", "outcome", "financial", "risk", "holds", "released", "canceled_at", "cancel_requested_at",
    "address_version", "delivery",
)  # fmt: skip
FIELDS = {
    "lines": ("line_id", "quantity", "canceled", "item_id"),
    "fulfillment_orders": ("id", "state", "recall"),
    "fulfillment_lines": ("fulfillment_order_id", "line_id", "item_id", "quantity", "shipped"),
    "shipments": ("id", "tracking_number", "delivered_at", "report"),
    "waiting": ("line_id", "item_id", "quantity"),
    "tenders": ("kind", "amount_minor"),
    "exceptions": ("cause",),
}


def shown(detail: Any) -> dict[str, Any]:
    """What a page about the order shows, as far as it can change."""
    seen: dict[str, Any] = {name: getattr(detail.order, name) for name in ORDER_FIELDS}
    for part, names in FIELDS.items():
        seen[part] = sorted(tuple(getattr(row, name) for name in names) for row in getattr(detail, part))
    return seen


class Life:
    """Random things that happen to one order, a minute apart; refused ones leave no trace."""

    def __init__(self, tx: Connection, seed: int) -> None:
        self.tx = tx
        self.dice = random.Random(seed)
        self.now = NOW
        self.parcels = 0
        self.order = take(tx, channel_order(1, TEE=3, MUG=2))
        settle(tx, self.order, self.now)

    def step(self) -> datetime:
        """One thing; the instant just after it."""
        self.now += timedelta(minutes=1)
        does: Callable[[], object] = self.dice.choice(
            [self.hold, self.release, self.cancel_unit, self.route, self.route, self.report, self.report, self.report,
             self.reroute, self.ship, self.ship, self.edit]
        )  # fmt: skip
        with_savepoint = self.tx.begin_nested()
        try:
            does()
            with_savepoint.commit()
        except DomainError:
            with_savepoint.rollback()
        settle(self.tx, self.order, self.now)
        return self.now

    def hold(self) -> None:
        commands.hold(self.tx, self.order, by="bo", reason=self.dice.choice(["fraud", "address"]), now=self.now)

    def release(self) -> None:
        commands.release(self.tx, self.order, by="bo", now=self.now)

    def cancel_unit(self) -> None:
        line = self.dice.choice(["L1", "L2"])
        commands.request_cancel(self.tx, self.order, by="bo", now=self.now, lines={line: 1})

    def reroute(self) -> None:
        commands.reroute(self.tx, self.order, by="bo", now=self.now)

    def route(self) -> None:
        if load(self.tx, self.order).open_demand():
            route(self.tx, self.order, self.now)

    def edit(self) -> None:
        changed = channel_order(1, TEE=self.dice.randint(1, 4), MUG=2)
        take(self.tx, changed.model_copy(update={"updated_at": self.now}), self.now)

    def report(self) -> None:
        self._tell(self.dice.choice(["accepted", "on_hold", "picked", "rejected", "cancel_refused", "canceled"]))

    def ship(self) -> None:
        self.parcels += 1
        live = [f for f in load(self.tx, self.order).fulfillment_orders if f.is_live]
        units = [unit for f in live[:1] for unit in f.lines if unit.shipped < unit.quantity][:1]
        lines = tuple(ReportedLine(line_id=unit.line_id, quantity=1) for unit in units)
        self._tell("shipped", ReportedShipment(external_id=f"p{self.parcels}", tracking_number="TR", lines=lines))

    def _tell(self, kind: Any, parcel: ReportedShipment | None = None) -> None:
        live = [f.id for f in load(self.tx, self.order).fulfillment_orders if f.is_live]
        if live:
            key = f"{kind}{self.now.isoformat()}"
            said = FulfillmentReport(key=key, kind=kind, reference=live[0], at=self.now, shipment=parcel)
            record_report(self.tx, said, connection_id="store", source="store", now=self.now)


@pytest.mark.parametrize("seed", range(12))
def test_every_instant_gives_back_what_was_shown_then(database: Database, seed: int) -> None:
    def play(tx: Connection) -> list[tuple[datetime, dict[str, Any], dict[str, Any]]]:
        found(tx)
        stock(tx, "TEE", 5)
        stock(tx, "MUG", 1)
        life = Life(tx, seed)
        pages = [(NOW, shown(order_detail.read(tx, life.order)))]
        for _ in range(14):
            at = life.step()
            pages.append((at, shown(order_detail.read(tx, life.order))))
        return [(at, page, shown(order_then.read(tx, life.order, at).detail)) for at, page in pages]

    for at, page, rebuilt in database.write_now(play):
        assert (at, rebuilt) == (at, page)


def test_before_it_came_there_was_no_order(database: Database) -> None:
    database.write_now(found)
    order = database.write_now(lambda tx: take(tx, channel_order(1, TEE=1)))

    with pytest.raises(DomainError) as refusal:
        database.read_now(lambda tx: order_then.read(tx, order, NOW - timedelta(seconds=1)))

    assert refusal.value.code == "unknown_order"


def test_what_cannot_be_rebuilt_is_said(database: Database) -> None:
    def play(tx: Connection) -> tuple[str, ...]:
        found(tx)
        order = take(tx, channel_order(1, TEE=1))
        moved = Address(name="Ada Example", line1="1 Test Street", city="Hamburg", country="DE")
        commands.change_address(tx, VAULT, order, moved, by="bo", now=NOW + timedelta(hours=1))
        return order_then.read(tx, order, NOW).lost

    lost = database.write_now(play)

    assert lost == ("tags, and which connections were paused", "the address: only the newest is kept")
