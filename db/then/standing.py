"""What decisions were made from: the rebuilt rows in the words of the domain."""

from typing import Any

from db.order_detail import OrderDetail
from db.then.past import Facts
from domain.order_state import (
    FulfillmentOrder,
    FulfillmentUnit,
    LineCancel,
    LineState,
    OrderState,
    Shipment,
    WaitingLine,
)


def state_then(then: OrderDetail, facts: Facts) -> OrderState:
    """The order's state; causes that came and went with the clock alone are judged by the instant."""
    order: Any = then.order
    told = {fact.data.get("line_cancel") for fact in facts.before if fact.kind == "line_cancel_told"}
    wanted = [fact.data["line_cancel"] for fact in facts.before if fact.kind == "line_cancel_wanted"]
    return then.now.model_copy(
        update={
            "seq": order.seq,
            "financial": order.financial,
            "risk": order.risk,
            "delivery": order.delivery,
            "holds": tuple(order.holds),
            "canceled_at": order.canceled_at,
            "cancel_requested_at": order.cancel_requested_at,
            "cancel_told_at": order.cancel_told_at,
            "cancel_refused": order.cancel_refused,
            "address_version": order.address_version,
            "released": order.released,
            "stopped": order.stopped,
            "is_decided": order.is_shadow and facts.last("routed") is not None,
            "lines": _lines(then),
            "fulfillment_orders": _fulfillment_orders(then),
            "shipments": tuple(
                Shipment(id=row.id, fulfillment_order_id=row.fulfillment_order_id, report=row.report, capture=row.capture)
                for row in then.shipments
            ),
            "line_cancels": tuple(LineCancel(id=one, report="reported" if one in told else "") for one in wanted),
            "waiting": tuple(
                WaitingLine(
                    line_id=row.line_id, item_id=row.item_id, quantity=row.quantity, reason=row.reason,
                    give_up_at=row.give_up_at or facts.at,
                )
                for row in then.waiting
            ),
            "troubles": (),
            "paused_connections": frozenset(),
            "acknowledged": frozenset(fact.data["cause"] for fact in facts.before if fact.kind == "acknowledged"),
        }
    )  # fmt: skip


def _lines(then: OrderDetail) -> tuple[LineState, ...]:
    now = {line.line_id: line for line in then.now.lines}
    return tuple(
        now[row.line_id].model_copy(
            update={
                "quantity": row.quantity,
                "item_id": row.item_id,
                "components": now[row.line_id].components if row.item_id else (),
            }
        )
        for row in then.lines
    )


def _fulfillment_orders(then: OrderDetail) -> tuple[FulfillmentOrder, ...]:
    now = {f.id: f for f in then.now.fulfillment_orders}
    return tuple(
        now[row.id].model_copy(
            update={
                "state": row.state, "recall": row.recall, "reason": row.reason, "due_at": row.due_at,
                "lines": tuple(
                    FulfillmentUnit(line_id=u.line_id, item_id=u.item_id, quantity=u.quantity, shipped=u.shipped)
                    for u in then.fulfillment_lines
                    if u.fulfillment_order_id == row.id
                ),
            }
        )
        for row in then.fulfillment_orders
    )  # fmt: skip
