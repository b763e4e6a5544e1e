"""The order process from placing to its end, with real activities, a real database and simulated platforms."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from db import commands, connections, locations
from db.reports import record_report
from db.tenders import moved
from domain.channel_order import BothMoney, ChannelTender
from domain.fulfillment import FulfillmentReport, RecallAnswer, ReportedShipment
from domain.location import Location, LocationProfile
from domain.money import Money
from runtime.settings import Settings
from tests.db.test_edits import edited
from tests.db.world import channel_order
from tests.workflows.stack import Stack, stack_on

NOW = datetime.now(UTC)


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Stack]:
    async with stack_on(env.client, settings) as running:
        yield running


async def steps(stack: Stack, order_id: str) -> Counter[str]:
    names = {EventType.EVENT_TYPE_MARKER_RECORDED: "local", EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activity"}
    return Counter(
        [names[e.event_type] async for e in stack.run(order_id).fetch_history_events() if e.event_type in names]
    )


async def test_ships_an_ordinary_order_in_two_local_and_two_outside_steps(stack: Stack) -> None:
    await stack.stock(TEE=5)
    order = await stack.place(TEE=2)
    await stack.until_sent(f"{order}-F1")

    await stack.report(f"{order}-F1", "accepted")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")

    assert await stack.outcome(order) == "fulfilled"
    assert list(stack.channel.parcels) == [f"{order}-F1-p1"]
    assert await stack.balances() == [("TEE", "berlin", 3, 0)]
    await stack.run(order).result()
    assert await steps(stack, order) == {"local": 2, "activity": 2}


async def test_a_rejected_part_is_routed_again_while_its_sibling_is_slow(stack: Stack) -> None:
    await stack.stock(TEE=1)
    await stack.stock("munich", MUG=1, TEE=1)
    order = await stack.place(TEE=1, MUG=1)
    # all of it comes from Munich, the only place that has both
    await stack.until_sent(f"{order}-F1")
    await stack.stock(MUG=1)

    await stack.report(f"{order}-F1", "rejected", "store2")

    await stack.until_sent(f"{order}-F2")
    assert await stack.states(order) == [("munich", "rejected"), ("berlin", "sent")]
    assert ("TEE", "munich", 1, 0) in await stack.balances()


async def test_a_silent_location_is_recalled_and_left_out_when_its_time_is_up(stack: Stack) -> None:
    hasty = LocationProfile(country="DE", postal_code="10115", timezone="Europe/Berlin", accept_within_hours=1 / 3600)
    berlin = Location(id="berlin", name="Berlin", kind="store", connection_id="store", profile=hasty)
    await stack.write(lambda tx: locations.put(tx, berlin))
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    await stack.stock("munich", TEE=1)

    await stack.until_sent(f"{order}-F2")
    assert await stack.states(order) == [("berlin", "canceled"), ("munich", "sent")]


async def test_an_order_edited_in_flight_gets_what_was_added_and_asks_back_what_was_removed(stack: Stack) -> None:
    await stack.stock(TEE=2, MUG=1)
    placed = channel_order(901, TEE=2)
    order = await stack.take(placed)
    await stack.until_sent(f"{order}-F1")

    with_mug = edited(placed, TEE=2, MUG=1)
    await stack.take(with_mug)
    await stack.until_sent(f"{order}-F2")
    await stack.take(edited(with_mug, MUG=1))

    await stack.until(order, lambda o: o.fulfillment_orders[0].state == "canceled")
    await stack.report(f"{order}-F2", "accepted")
    await stack.report(f"{order}-F2", "shipped", parcel="p1")
    assert await stack.outcome(order) == "fulfilled"
    assert await stack.states(order) == [("berlin", "canceled"), ("berlin", "shipped")]
    assert await stack.balances() == [("MUG", "berlin", 0, 0), ("TEE", "berlin", 2, 0)]


async def test_a_backorder_goes_on_when_stock_comes(stack: Stack) -> None:
    order = await stack.place(TEE=2)
    await stack.until(order, lambda o: bool(o.waiting))

    await stack.stock(TEE=2)

    await stack.until_sent(f"{order}-F1")
    assert await stack.balances() == [("TEE", "berlin", 2, 2)]


async def test_a_backorder_is_given_up_at_its_date_and_the_channel_is_told(stack: Stack) -> None:
    from db.restock import WAITING_LINES

    order = await stack.place(TEE=2)
    await stack.until(order, lambda o: bool(o.waiting))

    await stack.write(lambda tx: tx.execute(WAITING_LINES.update().values(give_up_at=NOW)))
    await stack.write(lambda tx: commands.retry(tx, order, how="continue", by="test", now=datetime.now(UTC)))

    assert await stack.outcome(order) == "canceled"
    assert len(stack.channel.canceled) == 1


async def test_a_cancel_is_told_to_the_channel_after_the_location_confirmed(stack: Stack) -> None:
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")

    await stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=datetime.now(UTC)))

    assert await stack.outcome(order) == "canceled"
    assert await stack.balances() == [("TEE", "berlin", 1, 0)]
    kinds = await stack.kinds(order)
    assert kinds.index("recall_confirmed") < kinds.index("cancel_told")


async def test_a_cancel_during_a_send_recalls_what_was_sent_once_and_frees_its_stock(stack: Stack) -> None:
    await stack.stock(TEE=1)
    stack.berlin.gate.clear()
    order = await stack.place(TEE=1)
    await stack.until(order, lambda o: [f.state for f in o.fulfillment_orders] == ["sending"])

    await stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=datetime.now(UTC)))
    await stack.until(order, lambda o: o.fulfillment_orders[0].recall != "")
    stack.berlin.gate.set()

    assert await stack.outcome(order) == "canceled"
    assert stack.berlin.committed == {f"{order}-F1": 1}
    assert stack.berlin.orders == {f"{order}-F1": "canceled"}
    assert await stack.balances() == [("TEE", "berlin", 1, 0)]


async def test_canceled_units_that_two_tenders_paid_for_go_back_to_both_the_buyer_s_own_first(stack: Stack) -> None:
    def took(number: str, tender: str, cents: int) -> ChannelTender:
        amount = Money(amount_minor=cents, currency="EUR")
        return ChannelTender(external_id=number, tender=tender, kind="captured", amount=amount, at=NOW)

    tenders = (took("t1", "gift_card", 1500), took("t2", "card", 1500))
    order = await stack.take(channel_order(90_007, TEE=3).model_copy(update={"tenders": tenders}))
    await stack.until(order, lambda o: bool(o.waiting))

    await stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=datetime.now(UTC), lines={"L1": 2}))
    await stack.until(order, lambda o: [told.report for told in o.line_cancels] == ["reported", "reported"])

    given = {name: (r.parent_external_id, r.amount.amount_minor) for name, r in stack.channel.refunded.items()}
    assert given == {f"{order}-C1": ("t2", 1500), f"{order}-C2": ("t1", 500)}
    assert stack.channel.refunded[f"{order}-C1"].lines == (("90007-1", 2),)
    assert stack.channel.refunded[f"{order}-C2"].lines == ()


async def test_captures_in_the_buyer_s_currency_and_the_last_takes_the_last_cent(stack: Stack) -> None:
    placed = channel_order(90_008, TEE=3)
    total = BothMoney(
        shop=Money(amount_minor=3000, currency="EUR"), presentment=Money(amount_minor=3334, currency="USD")
    )
    nothing = BothMoney(shop=Money(amount_minor=0, currency="EUR"), presentment=Money(amount_minor=0, currency="USD"))
    each = BothMoney(
        shop=Money(amount_minor=1000, currency="EUR"), presentment=Money(amount_minor=1111, currency="USD")
    )
    line = placed.lines[0].model_copy(update={"unit_price": each, "discount": nothing, "tax": nothing})
    held = ChannelTender(external_id="t1", tender="card", kind="authorized", amount=total.presentment, at=NOW)
    money = dict.fromkeys(("discounts", "shipping", "tax"), nothing) | dict.fromkeys(("subtotal", "total"), total)
    update = {"lines": (line,), "financial": "authorized", "tenders": (held,), **money}
    await stack.write(lambda tx: connections.change(tx, "web", captures="hub"))
    await stack.stock(TEE=1)
    await stack.stock("munich", TEE=2)

    order = await stack.take(placed.model_copy(update=update))
    for part, connection in ((1, "store"), (2, "store2")):
        await stack.until_sent(f"{order}-F{part}")
        await stack.report(f"{order}-F{part}", "shipped", connection, parcel=f"p{part}")
    await stack.outcome(order)

    money_taken = await stack.hub.database.read(lambda tx: moved(tx, order, "USD"))
    assert sorted(stack.channel.captured.values()) == [1111, 2223]
    assert money_taken["captured"] == 3334


async def test_a_location_that_ships_in_spite_of_a_cancel_is_believed(stack: Stack) -> None:
    await stack.stock(TEE=1)
    stack.berlin.answer = RecallAnswer(answer="refused")
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")

    await stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=datetime.now(UTC)))
    await stack.until(order, lambda o: o.fulfillment_orders[0].recall == "refused")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")

    assert await stack.outcome(order) == "shipped_despite_cancel"
    assert stack.channel.canceled == []
    assert await stack.balances() == [("TEE", "berlin", 0, 0)]


async def test_a_cancel_at_the_channel_recalls_and_ends_canceled(stack: Stack) -> None:
    await stack.stock(TEE=1)
    placed = channel_order(90_001, TEE=1)
    order = await stack.take(placed)
    await stack.until_sent(f"{order}-F1")

    at = placed.updated_at + timedelta(minutes=1)
    await stack.take(placed.model_copy(update={"canceled_at": at, "updated_at": at}))

    assert await stack.outcome(order) == "canceled"
    assert stack.channel.canceled == []  # it told us


async def test_a_held_order_waits_and_goes_on_when_it_is_released(stack: Stack) -> None:
    await stack.stock(TEE=1)
    placed = channel_order(90_002, TEE=1).model_copy(update={"holds": ("review",)})
    order = await stack.take(placed)
    await stack.until(order, lambda o: o.run_no == 1)

    await stack.write(lambda tx: commands.release(tx, order, by="test", now=datetime.now(UTC)))

    await stack.until_sent(f"{order}-F1")


async def test_a_paused_connection_is_written_to_when_it_is_resumed(stack: Stack) -> None:
    from db import connections

    await stack.stock(TEE=1)
    await stack.write(lambda tx: connections.pause(tx, "store", reason="test", now=datetime.now(UTC)))
    order = await stack.place(TEE=1)
    await stack.until(order, lambda o: any(f.state == "sending" for f in o.fulfillment_orders))

    await stack.write(lambda tx: connections.resume(tx, "store", now=datetime.now(UTC)))

    await stack.until_sent(f"{order}-F1")
    assert stack.berlin.committed == {f"{order}-F1": 1}


async def test_a_fact_for_a_run_that_has_ended_is_handled_by_a_new_one(stack: Stack) -> None:
    await stack.stock(TEE=1)
    placed = channel_order(90_003, TEE=1)
    order = await stack.take(placed)
    await stack.until_sent(f"{order}-F1")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")
    assert await stack.outcome(order) == "fulfilled"
    await stack.run(order).result()

    at = placed.updated_at + timedelta(minutes=1)
    await stack.take(placed.model_copy(update={"canceled_at": at, "updated_at": at}))

    state = await stack.until(order, lambda o: o.run_no == 2)
    await stack.run(order).result()
    assert (await stack.row(order)).outcome == "shipped_despite_cancel"
    assert state.canceled_at is not None


async def test_orders_without_rules_wait_visibly_and_go_on_when_there_are_some(stack: Stack) -> None:
    from db import sourcing_rules
    from db.sourcing_rules import RULES

    await stack.stock(TEE=1)
    await stack.write(lambda tx: tx.execute(RULES.update().values(active=False)))
    order = await stack.place(TEE=1)
    state = await stack.until(order, lambda o: bool(o.waiting))

    await stack.write(lambda tx: sourcing_rules.activate(tx, "1"))

    assert state.waiting[0].reason == "no_sourcing_rules"
    await stack.until_sent(f"{order}-F1")


async def test_tracking_that_the_channel_refused_is_shown_when_the_step_is_done_again(stack: Stack) -> None:
    await stack.stock(TEE=1)
    stack.channel.refuses = True
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")
    await stack.until(order, lambda o: bool(o.shipments) and o.shipments[0].report == "refused")

    stack.channel.refuses = False
    await stack.write(lambda tx: commands.retry(tx, order, how="redo_step", by="test", now=datetime.now(UTC)))

    assert await stack.outcome(order) == "fulfilled"


async def test_a_changed_address_recalls_the_parcel_and_sends_a_new_one(stack: Stack) -> None:
    from domain.channel_order import Address

    await stack.stock(TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    elsewhere = Address(name="Ada Example", line1="2 Test Street", city="Bonn", postal_code="53111", country="DE")

    now = datetime.now(UTC)
    await stack.write(lambda tx: commands.change_address(tx, stack.hub.vault, order, elsewhere, by="test", now=now))

    await stack.until_sent(f"{order}-F2")
    assert await stack.states(order) == [("berlin", "canceled"), ("berlin", "sent")]


async def test_a_run_that_is_superseded_ends_and_changes_nothing(stack: Stack) -> None:
    from db.runs import ORDER_RUNS, claim
    from domain.refs import Recorded

    order = await stack.place(TEE=1)
    await stack.until(order, lambda o: bool(o.waiting))

    await stack.write(lambda tx: claim(tx, ORDER_RUNS, [order]))
    await stack.run(order).signal("recorded", Recorded(seq=99))

    result = await stack.run(order).result()
    assert result["outcome"] == "superseded"


async def test_canceled_units_of_a_line_are_taken_out_at_the_channel_and_their_money_given_back(stack: Stack) -> None:
    from db.tenders import moved

    await stack.stock(TEE=3)
    order = await stack.place(TEE=3)
    await stack.until_sent(f"{order}-F1")

    now = datetime.now(UTC)
    await stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=now, lines={"L1": 1}))
    await stack.until_sent(f"{order}-F2")
    await stack.until(order, lambda o: any(told.report == "reported" for told in o.line_cancels))
    await stack.report(f"{order}-F2", "shipped", parcel="p1")

    assert await stack.outcome(order) == "fulfilled"
    (refund,) = stack.channel.refunded.values()
    assert (refund.reference, refund.amount.amount_minor, refund.lines[0][1]) == (f"{order}-C1", 1000, 1)
    assert (await stack.hub.database.read(lambda tx: moved(tx, order, "EUR")))["refunded"] == 1000
    kinds = await stack.kinds(order)
    assert kinds.index("recall_confirmed") < kinds.index("line_cancel_told")


async def test_a_late_tracking_number_is_shown_in_place_of_the_earlier_one(stack: Stack) -> None:
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")
    assert await stack.outcome(order) == "fulfilled"
    await stack.run(order).result()

    at = datetime.now(UTC)
    parcel = ReportedShipment(external_id="p1", tracking_number="TR-LATE")
    late = FulfillmentReport(key="shippedp1", kind="shipped", reference=f"{order}-F1", at=at, shipment=parcel)
    await stack.write(lambda tx: record_report(tx, late, connection_id="store", source="test", now=at))

    await stack.until(order, lambda o: o.run_no == 2 and o.shipments[0].report == "reported")
    shown = stack.channel.parcels[f"{order}-F1-p1"]
    assert (shown.tracking_number, shown.shown_as, shown.version) == ("TR-LATE", f"{order}-F1-p1", 2)
    assert await stack.outcome(order) == "fulfilled"
