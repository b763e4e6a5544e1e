"""What cannot be true is refused by name; what is only unwelcome is recorded, and a person is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from connectors.errors import UnreadableError
from connectors.shopify.webhooks import read
from db import commands, connections
from db.exceptions import EXCEPTIONS
from db.ledger import LEVELS, verify
from db.news import take as take_news
from db.order_reading import ORDERS, load
from db.reports import record_report
from db.session import Database
from db.standing import settle
from db.tenders import TENDERS
from domain.channel_order import Address, ChannelTender
from domain.errors import DomainError
from domain.fulfillment import FulfillmentReport, ReportedShipment, ReportKind
from domain.money import Money
from domain.news import RefundNews
from tests.db.world import NOW, VAULT, channel_order, eur, found, later, route, stock, take

ORDER = Path(__file__).parents[2] / "sandbox/fixtures/shopify/one_parcel.json"
XXQ = Money(amount_minor=1000, currency="XXQ")
Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize("field", ["subtotal", "discounts", "shipping", "tax"])
def test_a_second_currency_is_refused_by_the_name_of_its_field(database: Database, field: str) -> None:
    database.write_now(found)
    dollars = eur(0).model_copy(update={"presentment": Money(amount_minor=0, currency="USD")})
    wrong = channel_order(1, TEE=1).model_copy(update={field: dollars})

    with pytest.raises(DomainError, match=rf"{field}\.presentment is in USD and total\.presentment in EUR") as refusal:
        database.write_now(lambda tx: take(tx, wrong))

    assert refusal.value.code == "mixed_currencies"
    assert database.read_now(lambda tx: tx.execute(select(ORDERS.c.id)).all()) == []


def test_a_line_in_another_currency_is_refused_by_its_place(database: Database) -> None:
    database.write_now(found)
    yen = eur(0).model_copy(update={"shop": Money(amount_minor=0, currency="JPY")})
    order = channel_order(1, TEE=1, MUG=1)
    lines = (order.lines[0], order.lines[1].model_copy(update={"tax": yen}))

    with pytest.raises(DomainError, match=r"lines\[1\]\.tax\.shop is in JPY"):
        database.write_now(lambda tx: take(tx, order.model_copy(update={"lines": lines})))


@pytest.mark.parametrize("side", ["shop", "presentment"])
def test_a_currency_that_does_not_exist_is_refused_by_name(database: Database, side: str) -> None:
    database.write_now(found)
    total = eur(1000).model_copy(update={side: XXQ})
    wrong = channel_order(1, TEE=1).model_copy(update={"total": total})

    with pytest.raises(DomainError, match=r"'XXQ'.* correct the currency") as refusal:
        database.write_now(lambda tx: take(tx, wrong))

    assert refusal.value.code == "unknown_currency"
    assert database.read_now(lambda tx: tx.execute(select(ORDERS.c.id)).all()) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda body: body.update(currency="XXQ", total_price_set=None), "unknown_currency"),
        (lambda body: body["line_items"][0].update(quantity="many"), "line_items.0.quantity"),
        (lambda body: body.update(created_at="yesterday"), "created_at"),
        (lambda body: body.update(id=None, admin_graphql_api_id=""), "id"),
    ],
)
def test_a_body_that_cannot_be_read_names_the_field_and_repeats_nothing_of_it(change: Change, field: str) -> None:
    body = json.loads(ORDER.read_bytes())
    change(body)

    with pytest.raises(UnreadableError) as refusal:
        read("orders/create", json.dumps(body).encode())

    assert refusal.value.field == field
    assert body["email"] not in f"{refusal.value!r} {refusal.value}"


def tender(external_id: str, amount_minor: int) -> ChannelTender:
    amount = Money(amount_minor=amount_minor, currency="EUR")
    return ChannelTender(external_id=external_id, tender="card", kind="refunded", amount=amount, at=NOW)


def test_a_refund_before_shipping_is_on_the_ledger_and_the_order_goes_on(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        stock(tx, "TEE", 1)
        order = take(tx, channel_order(1, TEE=1))
        news = RefundNews(
            order_external_id="1",
            external_id="r1",
            at=NOW,
            movements=(tender("r1-1", 300),),
        )
        for _copy in range(2):
            take_news(tx, VAULT, connections.load(tx, "web"), news, NOW, "test")
        before = settle(tx, order, NOW).stage
        route(tx, order)
        after = settle(tx, order, NOW)
        given_back = select(TENDERS.c.tender, TENDERS.c.amount_minor).where(TENDERS.c.kind == "refunded")
        return [tuple(row) for row in tx.execute(given_back)], before, [target.id for target in after.send]

    assert database.write_now(play) == ([("card", 300)], "to_route", ["web-1-F1"])


def test_an_order_without_an_address_waits_for_a_person_and_goes_on_with_one(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        stock(tx, "TEE", 1)
        order = take(tx, channel_order(1, TEE=1).model_copy(update={"ship_to": None}))
        waits = settle(tx, order, NOW)
        address = Address(name="Ada Example", line1="2 Test Street", city="Bonn", postal_code="53111", country="DE")
        commands.change_address(tx, VAULT, order, address, by="test", now=later(minutes=1))
        goes_on = settle(tx, order, later(minutes=1))
        raised = select(EXCEPTIONS.c.cause, EXCEPTIONS.c.closed_by)
        return waits.waits_for, goes_on.stage, [tuple(row) for row in tx.execute(raised)]

    cause = "no_address:web-1"

    assert database.write_now(play) == ((cause,), "to_route", [(cause, "cause gone")])


def test_a_location_that_ships_after_confirming_a_recall_calls_a_person(database: Database) -> None:
    def said(tx: Connection, f_id: str, kind: ReportKind, minutes: int) -> None:
        parcel = ReportedShipment(external_id="p1", tracking_number="TR1") if kind == "shipped" else None
        report = FulfillmentReport(key=kind, kind=kind, reference=f_id, at=later(minutes=minutes), shipment=parcel)
        record_report(tx, report, connection_id="store", source="test", now=NOW)

    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        stock(tx, "TEE", 1)
        placed = channel_order(1, TEE=1)
        order = take(tx, placed)
        (f_id,) = route(tx, order)
        said(tx, f_id, "accepted", 1)
        take(tx, placed.model_copy(update={"canceled_at": later(minutes=2), "updated_at": later(minutes=2)}))
        settle(tx, order, NOW)
        said(tx, f_id, "canceled", 3)
        ended = settle(tx, order, NOW).outcome
        said(tx, f_id, "shipped", 4)
        settle(tx, order, NOW)
        causes = tx.execute(select(EXCEPTIONS.c.cause).where(EXCEPTIONS.c.closed_at.is_(None))).scalars().all()
        held = tx.execute(select(LEVELS.c.on_hand, LEVELS.c.reserved)).one()
        return ended, load(tx, order).has_shipped, list(causes), tuple(held), verify(tx)

    expected = ("canceled", True, ["shipped_after_cancel:web-1-F1"], (0, 0), ())

    assert database.write_now(play) == expected


def test_a_database_that_cannot_be_opened_refuses_instead_of_waiting(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/missing/tutti.db")

    with pytest.raises(OperationalError):
        database.write_now(lambda tx: None)
    with pytest.raises(OperationalError):
        database.write_now(lambda tx: None)

    database.close()
