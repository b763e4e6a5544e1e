"""What the facts of one order demand next: its stage, its causes, its corrections, and when to look again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from domain.causes import HOLD_PATIENCE, PAYMENT_PATIENCE, RECALL_ASKS, causes_of
from domain.corrections import Corrections, corrections
from domain.order_state import FulfillmentOrder, FulfillmentUnit, LineState, OrderState, Shipment, WaitingLine
from domain.progress import progress
from tests.db.world import NOW, later

TEE = LineState(line_id="L1", external_id="1", sku="TEE", item_id="TEE", quantity=2, components=(("TEE", 1),))
UNKNOWN = TEE.model_copy(update={"item_id": None, "components": ()})
PARCEL = Shipment(id="S1", fulfillment_order_id="F1")
REPORTED = PARCEL.model_copy(update={"report": "reported"})
REFUSED = PARCEL.model_copy(update={"report": "refused"})
OVERDUE, AHEAD = later(minutes=-1), later(hours=4)


def asked(state: str = "sent", *, shipped: int = 0, **more: Any) -> FulfillmentOrder:
    """Both units of the order, asked of the shop in Berlin."""
    units = (FulfillmentUnit(line_id="L1", item_id="TEE", quantity=2, shipped=shipped),)
    values = {"id": "F1", "number": 1, "location_id": "berlin", "connection_id": "store", "state": state}
    return FulfillmentOrder.model_validate({**values, "lines": units, **more})


def waits(quantity: int = 2, *, reason: str = "no_stock", give_up: Any = AHEAD) -> WaitingLine:
    return WaitingLine(line_id="L1", item_id="TEE", quantity=quantity, give_up_at=give_up, reason=reason)


def order(*fulfillment_orders: FulfillmentOrder, **more: Any) -> OrderState:
    """A paid order of two shirts."""
    values = {"id": "web-1", "connection_id": "web", "seq": 7, "placed_at": NOW, "financial": "paid", "lines": (TEE,)}
    return OrderState.model_validate({**values, "fulfillment_orders": fulfillment_orders, **more})


SHIPPED = asked("shipped", shipped=2)
CANCELED_HERE: Mapping[str, Any] = {"cancel_requested_at": NOW}
CANCELED_THERE: Mapping[str, Any] = {"canceled_at": NOW}


@pytest.mark.parametrize(
    ("state", "stage", "outcome"),
    [
        (order(), "to_route", None),
        (order(financial="pending"), "waiting", None),
        (order(lines=(UNKNOWN,)), "waiting", None),
        (order(waiting=(waits(),)), "backordered", None),
        (order(waiting=(waits(1),)), "to_route", None),
        (order(asked()), "in_fulfillment", None),
        (order(asked("rejected")), "to_route", None),
        (order(asked(), **CANCELED_HERE), "canceling", None),
        (order(asked("canceled"), **CANCELED_HERE), "canceling", None),
        (order(asked("canceled"), **CANCELED_HERE, cancel_told_at=NOW), "over", "canceled"),
        (order(**CANCELED_THERE), "over", "canceled"),
        (order(SHIPPED, shipments=(PARCEL,)), "in_fulfillment", None),
        (order(SHIPPED, shipments=(REFUSED,)), "in_fulfillment", None),
        (order(SHIPPED, shipments=(REPORTED,)), "over", "fulfilled"),
        (order(SHIPPED, shipments=(REPORTED,), hub_captures=True), "in_fulfillment", None),
        (order(SHIPPED, shipments=(REPORTED,), **CANCELED_THERE), "over", "shipped_despite_cancel"),
        (order(lines=(TEE.model_copy(update={"quantity": 0}),)), "over", "nothing_to_ship"),
        (order(lines=(TEE.model_copy(update={"shipped_externally": 2}),)), "over", "nothing_to_ship"),
        (order(is_shadow=True), "to_route", None),
        (order(asked("planned"), is_shadow=True, is_decided=True), "over", "shadowed"),
        (order(asked(), stopped=True), "over", "stopped"),
    ],
)
def test_the_facts_tell_where_an_order_stands(state: OrderState, stage: str, outcome: str | None) -> None:
    found = progress(state, NOW)

    assert (found.stage, found.outcome) == (stage, outcome)


@pytest.mark.parametrize(
    ("state", "due_at"),
    [
        (order(), None),
        (order(asked(due_at=AHEAD)), AHEAD),
        (order(asked(due_at=OVERDUE)), None),
        (order(SHIPPED.model_copy(update={"due_at": AHEAD}), shipments=(REPORTED,)), None),
        (order(waiting=(waits(),)), AHEAD),
        (order(waiting=(waits(reason="no_location"),)), None),
        (order(financial="pending"), NOW + PAYMENT_PATIENCE),
        (order(holds=("hub:x",)), NOW + HOLD_PATIENCE),
        (order(asked("rejected"), asked(due_at=AHEAD, id="F2"), waiting=(waits(give_up=later(hours=1)),)), later(hours=1)),
    ],
)  # fmt: skip
def test_it_is_looked_at_again_when_time_alone_changes_something(state: OrderState, due_at: Any) -> None:
    assert progress(state, NOW).due_at == due_at


@pytest.mark.parametrize(
    "blocked", [{"financial": "pending"}, {"holds": ("hub:x",)}, {"risk": "high"}, {"address_ok": False}]
)
def test_a_blocked_order_sends_nothing(blocked: Mapping[str, Any]) -> None:
    free, held = progress(order(asked("planned")), NOW), progress(order(asked("planned"), **blocked), NOW)

    assert [target.id for target in free.send] == ["F1"]
    assert (held.send, held.stage) == ((), "waiting")


@pytest.mark.parametrize("freed", [{"financial": "pending"}, {"holds": ("hub:x",)}, {"risk": "high"}])
def test_a_released_order_goes_on(freed: Mapping[str, Any]) -> None:
    assert progress(order(**freed, released=True), NOW).stage == "to_route"


@pytest.mark.parametrize(
    ("state", "demanded"),
    [
        (order(asked()), Corrections()),
        (order(asked("planned"), **CANCELED_HERE), Corrections(drop=("F1",))),
        (order(asked("accepted"), **CANCELED_HERE), Corrections(recall=("F1",))),
        (order(asked(recall="asked"), **CANCELED_HERE), Corrections()),
        (order(SHIPPED, **CANCELED_THERE), Corrections(settle_money=True)),
        (order(asked(), address_version=2), Corrections(recall=("F1",))),
        (order(asked(is_pickup=True), address_version=2), Corrections()),
        (order(asked(shipped=1), address_version=2), Corrections()),
        (order(asked(), lines=(TEE.model_copy(update={"quantity": 1}),)), Corrections(recall=("F1",))),
        (order(asked(due_at=AHEAD)), Corrections()),
        (order(asked(due_at=OVERDUE)), Corrections(silent=("F1",))),
        (order(asked(due_at=NOW)), Corrections(silent=("F1",))),
        (order(asked(due_at=OVERDUE, shipped=1)), Corrections()),
        (order(asked("ready", due_at=OVERDUE)), Corrections(expired=("F1",))),
        (order(asked("accepted", due_at=OVERDUE)), Corrections()),
        (order(asked(recall="asked", recall_asks=1, due_at=OVERDUE)), Corrections(ask_again=("F1",))),
        (order(asked(recall="asked", recall_asks=RECALL_ASKS, due_at=OVERDUE)), Corrections()),
        (order(waiting=(waits(),)), Corrections()),
        (order(waiting=(waits(give_up=OVERDUE),)), Corrections(give_up=(("L1", 2),))),
        (order(waiting=(waits(give_up=OVERDUE, reason="no_location"),)), Corrections()),
        (order(waiting=(waits(),), **CANCELED_HERE), Corrections(forget_waiting=("L1",), settle_money=True)),
        (order(waiting=(waits(3),)), Corrections(forget_waiting=("L1",))),
        (
            order(asked(recall="refused"), lines=(TEE.model_copy(update={"quantity": 1}),)),
            Corrections(keep=(("L1", 1),)),
        ),
        (order(asked(recall="refused"), **CANCELED_HERE), Corrections()),
    ],
)
def test_facts_and_clock_demand_corrections(state: OrderState, demanded: Corrections) -> None:
    assert corrections(state, NOW) == demanded


CALLS = [
    (order(waiting=(waits(),)), "out_of_stock:TEE"),
    (order(waiting=(waits(reason="no_location"),)), "unroutable:no_location:web"),
    (order(asked(recall="refused")), "recall_refused:F1"),
    (order(asked(recall="asked", recall_asks=RECALL_ASKS)), "recall_unanswered:berlin"),
    (order(asked("accepted", due_at=OVERDUE)), "late_shipment:berlin"),
    (order(asked(due_at=OVERDUE, shipped=1)), "late_shipment:berlin"),
    (order(SHIPPED, shipments=(PARCEL,), **CANCELED_THERE), "canceled_after_shipping:web-1"),
    (order(SHIPPED, shipments=(REFUSED,)), "tracking_refused:S1"),
    (order(cancel_refused=True), "cancel_refused_by_channel:web-1"),
    (order(paused_connections={"web"}), "paused:web"),
]


@pytest.mark.parametrize(("state", "code"), CALLS)
def test_a_cause_that_was_acknowledged_is_gone(state: OrderState, code: str) -> None:
    told = state.model_copy(update={"acknowledged": frozenset({code})})

    assert [cause.code for cause in causes_of(state, NOW)] == [code]
    assert causes_of(told, NOW) == ()


def test_a_cause_that_blocks_cannot_be_acknowledged_away() -> None:
    state = order(lines=(UNKNOWN,), acknowledged={"unmapped_sku:web:TEE"})

    assert [cause.code for cause in causes_of(state, NOW)] == ["unmapped_sku:web:TEE"]


@pytest.mark.parametrize(
    ("waits_for", "patience"), [({"financial": "pending"}, PAYMENT_PATIENCE), ({"holds": ("hub:x",)}, HOLD_PATIENCE)]
)
def test_payment_and_holds_are_awaited_quietly_until_their_time_is_over(
    waits_for: Mapping[str, Any], patience: timedelta
) -> None:
    (early,) = causes_of(order(**waits_for), NOW)
    (late,) = causes_of(order(**waits_for), NOW + patience)

    assert (early.raises, late.raises) == (False, True)


@pytest.mark.parametrize(
    "blocked",
    [{"lines": (UNKNOWN,)}, {"address_ok": False}, {"risk": "high"}, {"financial": "voided"}, {"stopped": True}],
)
def test_what_only_a_person_can_mend_is_shown_at_once(blocked: Mapping[str, Any]) -> None:
    (cause,) = causes_of(order(**blocked), NOW)

    assert cause.raises


@pytest.mark.parametrize("shipped", [0, 1])
@pytest.mark.parametrize(("recall", "asks"), [("", 0), ("asked", 1), ("asked", RECALL_ASKS), ("refused", 1)])
@pytest.mark.parametrize("state", ["sent", "accepted", "on_hold", "picked", "ready"])
def test_no_wait_for_a_location_ends_in_silence(state: str, recall: str, asks: int, shipped: int) -> None:
    """Once its time is over, either something is done about it or a person is told."""
    late = order(asked(state, due_at=OVERDUE, recall=recall, recall_asks=asks, shipped=shipped))

    assert corrections(late, NOW) or [cause for cause in causes_of(late, NOW) if cause.raises]
