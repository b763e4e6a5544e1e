"""What orders and locations say, in whatever order it arrives: one order, one final state, no stock lost."""

import asyncio
from functools import partial
from itertools import permutations

import pytest
from sqlalchemy import select

from db import commands
from db.facts import OUTBOX
from db.ledger import LEVELS, RESERVATIONS, verify
from db.order_reading import FULFILLMENT_ORDERS, LINES, ORDERS, SHIPMENTS, load
from db.reports import record_report
from db.restock import WAITING_LINES
from db.session import Database
from db.standing import settle
from domain.errors import DomainError
from domain.fulfillment import FulfillmentReport, ReportedLine, ReportedShipment
from tests.db.world import NOW, channel_order, found, later, route, stock, take


def report(f_id: str, kind: str, minutes: int, parcel: ReportedShipment | None = None) -> FulfillmentReport:
    return FulfillmentReport(
        key=f"{kind}{minutes}", kind=kind, reference=f_id, at=later(minutes=minutes), shipment=parcel
    )


def tell(tx, *reports: FulfillmentReport) -> None:
    for said in reports:
        record_report(tx, said, connection_id="store", source="test", now=NOW)


def level(tx, item: str = "TEE") -> tuple[int, int]:
    row = tx.execute(select(LEVELS.c.on_hand, LEVELS.c.reserved).where(LEVELS.c.item_id == item)).one()
    return row.on_hand, row.reserved


PARCEL = ReportedShipment(external_id="p1", tracking_number="TR1")
LATE_EVENTS = [("accepted", 1, None), ("picked", 2, None), ("shipped", 3, PARCEL), ("delivered", 4, PARCEL)]


def test_reports_in_any_order_end_in_one_state(database: Database) -> None:
    ends = set()

    def play(tx, number: int, said) -> None:
        order = take(tx, channel_order(number, TEE=1))
        (f_id,) = route(tx, order)
        tell(tx, *(report(f_id, *each) for each in [*said, said[0]]))
        f = tx.execute(select(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == f_id)).one()
        parcel = tx.execute(select(SHIPMENTS).where(SHIPMENTS.c.fulfillment_order_id == f_id)).one()
        ends.add((f.state, f.reason, parcel.tracking_number, parcel.delivered_at))

    database.write_now(found)
    database.write_now(lambda tx: stock(tx, "TEE", 24))
    for number, said in enumerate(permutations(LATE_EVENTS), start=1):
        database.write_now(partial(play, number=number, said=said))

    assert ends == {("shipped", "", "TR1", later(minutes=4))}
    assert database.read_now(level) == (0, 0)


def stored(tx, order_id: str):
    units = tx.execute(select(LINES.c.quantity).where(LINES.c.order_id == order_id)).scalar()
    return tx.execute(select(ORDERS).where(ORDERS.c.id == order_id)).one(), units


def test_snapshots_in_any_order_end_in_one_state(database: Database) -> None:
    database.write_now(found)
    ends = set()
    for number, said in enumerate(permutations(range(4)), start=1):
        first = channel_order(number, TEE=3).model_copy(update={"financial": "pending"})
        line = first.lines[0]
        paid = first.model_copy(update={"financial": "paid", "updated_at": later(minutes=1)})
        fewer = (line.model_copy(update={"current_quantity": 2}),)
        edited = paid.model_copy(update={"lines": fewer, "updated_at": later(minutes=2)})
        over = edited.model_copy(update={"canceled_at": later(minutes=3), "updated_at": later(minutes=3)})
        for each in said:
            database.write_now(partial(take, order=(first, paid, edited, over)[each]))
        row, units = database.read_now(partial(stored, order_id=f"web-{number}"))
        ends.add((row.financial, row.canceled_at, units))

    assert ends == {("paid", later(minutes=3), 2)}


async def test_of_200_orders_for_one_unit_exactly_one_gets_it(database: Database) -> None:
    from activities.routing import RoutingActivities
    from db.desks.routing import RoutingDesk
    from domain.refs import OrderRef

    database.write_now(found)
    database.write_now(lambda tx: stock(tx, "TEE", 1))
    orders = [database.write_now(partial(take, order=channel_order(n, TEE=1))) for n in range(200)]
    routing = RoutingActivities(RoutingDesk(database))

    await asyncio.gather(
        *(routing.route_and_reserve(OrderRef(order_id=o, run_no=0, connection_id="web")) for o in orders)
    )

    assert len(database.read_now(lambda tx: tx.execute(select(FULFILLMENT_ORDERS)).all())) == 1
    assert database.read_now(level) == (1, 1)
    assert database.read_now(verify) == ()


def test_stock_where_an_order_was_rejected_goes_to_the_next(database: Database) -> None:
    """The older order was rejected here: it is neither woken by the unit nor fights for it."""

    def play(tx) -> list[str]:
        found(tx)
        stock(tx, "TEE", 1)
        older = take(tx, channel_order(1, TEE=1))
        tell(tx, report(route(tx, older)[0], "rejected", 1))
        younger = take(tx, channel_order(2, TEE=1))
        commands.hold(tx, younger, by="test", reason="x", now=NOW)
        tx.execute(LEVELS.update().values(on_hand=0))
        route(tx, older)
        route(tx, younger)
        tx.execute(LEVELS.update().values(on_hand=1))
        from db.restock import allocate

        woken = [*allocate(tx, "TEE", "berlin", at=NOW)]
        route(tx, older)
        return [*woken, *tx.execute(select(RESERVATIONS.c.order_id)).scalars()]

    assert database.write_now(play) == ["web-2", "web-2"]


def test_a_line_canceled_while_it_waits_keeps_no_stock(database: Database) -> None:
    def play(tx) -> None:
        found(tx)
        order = take(tx, channel_order(1, TEE=1, MUG=1))
        route(tx, order)
        stock(tx, "TEE", 1)
        commands.request_cancel(tx, order, by="test", now=NOW, lines={"L1": 1})
        settle(tx, order, NOW)

    database.write_now(play)

    assert database.read_now(level) == (1, 0)


def test_a_line_removed_at_the_channel_while_it_waits_leaves_the_queue(database: Database) -> None:
    def play(tx) -> None:
        found(tx)
        placed = channel_order(1, TEE=1)
        route(tx, take(tx, placed))
        gone = (placed.lines[0].model_copy(update={"current_quantity": 0}),)
        order = take(tx, placed.model_copy(update={"lines": gone, "updated_at": later(minutes=1)}))
        settle(tx, order, NOW)

    database.write_now(play)

    assert database.read_now(lambda tx: tx.execute(select(WAITING_LINES)).all()) == []


def test_an_order_of_which_all_is_given_up_is_canceled(database: Database) -> None:
    def play(tx):
        found(tx)
        order = take(tx, channel_order(1, SET=1))
        route(tx, order)
        settle(tx, order, later(days=31))
        return load(tx, order)

    assert database.write_now(play).cancel_requested_at == later(days=31)


def test_an_order_of_an_unmapped_sku_waits(database: Database) -> None:
    def play(tx):
        found(tx)
        return settle(tx, take(tx, channel_order(1, NEW=1)), NOW)

    standing = database.write_now(play)

    assert (standing.stage, standing.outcome) == ("waiting", None)


def test_more_than_was_asked_is_booked_and_shown(database: Database) -> None:
    parcel = ReportedShipment(external_id="p1", lines=(ReportedLine(sku="TEE", quantity=1),) * 3)

    def play(tx):
        found(tx)
        stock(tx, "TEE", 2)
        (f_id,) = route(tx, take(tx, channel_order(1, TEE=2)))
        tell(tx, report(f_id, "shipped", 1, parcel))
        return load(tx, "web-1").fulfillment_orders[0].reason, level(tx), verify(tx)

    assert database.write_now(play) == ("shipped_otherwise", (-1, 0), ())


def test_a_bundle_s_parcel_counts_each_component(database: Database) -> None:
    parts = (ReportedLine(line_id="L1", sku="TEE", quantity=1), ReportedLine(line_id="L1", sku="MUG", quantity=2))

    def play(tx):
        found(tx)
        stock(tx, "TEE", 1)
        stock(tx, "MUG", 2)
        (f_id,) = route(tx, take(tx, channel_order(1, SET=1)))
        tell(tx, report(f_id, "shipped", 1, ReportedShipment(external_id="p1", lines=parts)))
        return load(tx, "web-1").fulfillment_orders[0].state

    assert database.write_now(play) == "shipped"


def test_a_shipped_order_cannot_be_canceled(database: Database) -> None:
    def play(tx) -> None:
        found(tx)
        stock(tx, "TEE", 1)
        (f_id,) = route(tx, take(tx, channel_order(1, TEE=1)))
        tell(tx, report(f_id, "shipped", 1, PARCEL))
        commands.request_cancel(tx, "web-1", by="test", now=NOW)

    with pytest.raises(DomainError) as refusal:
        database.write_now(play)

    assert refusal.value.code == "too_late"


@pytest.mark.parametrize(
    ("change", "code"), [({"quantity": -1}, "bad_quantity"), ({"current_quantity": -2}, "bad_quantity")]
)
def test_a_negative_quantity_is_refused_by_name(database: Database, change: dict[str, int], code: str) -> None:
    database.write_now(found)
    order = channel_order(1, TEE=1)
    wrong = order.model_copy(update={"lines": (order.lines[0].model_copy(update=change),)})

    with pytest.raises(DomainError, match=r"lines\[0\]") as refusal:
        database.write_now(lambda tx: take(tx, wrong))

    assert refusal.value.code == code


def test_lines_added_by_edits_never_take_a_number_twice(database: Database) -> None:
    database.write_now(found)
    order = channel_order(1, TEE=1, MUG=1)
    database.write_now(partial(take, order=order))
    for minute in range(1, 4):
        more = order.lines[0].model_copy(update={"external_id": f"new-{minute}", "quantity": 1, "current_quantity": 1})
        fewer = order.lines[1].model_copy(update={"current_quantity": minute % 2})
        lines = (order.lines[0], fewer, *order.lines[2:], more)
        order = order.model_copy(update={"lines": lines, "updated_at": later(minutes=minute)})
        database.write_now(partial(take, order=order))

    assert database.read_now(lambda tx: len(load(tx, "web-1").lines)) == 5
    assert database.read_now(lambda tx: len(tx.execute(select(OUTBOX)).all())) == 1
