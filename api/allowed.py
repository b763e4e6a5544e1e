"""Which actions an order allows now, and why not the others; the commands themselves have the last word."""

from collections.abc import Callable

from pydantic import BaseModel

from db.actors import Actor, Role
from domain.order_state import OrderState
from domain.progress import outcome_of


class ActionOut(BaseModel):
    """An action, and the reason why it would be refused now (null: it is allowed)."""

    action: str
    why_not: str | None


def actions(order: OrderState, caller: Actor) -> list[ActionOut]:
    """Every action with the answer for this order and this caller."""
    ended = outcome_of(order)
    over = f"the order has ended ({ended})" if ended not in {None, "stopped"} else None
    return [
        ActionOut(action=name, why_not=role_too_low(caller, needed) or _refusal(over, order, rule))
        for name, (needed, rule) in _RULES.items()
    ]


def _refusal(over: str | None, order: OrderState, rule: Callable[[OrderState], str | None] | None) -> str | None:
    """A retry may start an ended order again, so it has no rule; every other action needs an order that is open."""
    return None if rule is None else over or rule(order)


def role_too_low(caller: Actor, needed: Role) -> str | None:
    """Why the caller may not, whatever the state; None if the role is enough."""
    return None if caller.may(needed) else f"it needs the role {needed}"


def _cancel(order: OrderState) -> str | None:
    if order.is_canceled:
        return "it is being canceled already"
    if order.has_shipped and not any(f.is_live for f in order.fulfillment_orders):
        return "it has shipped; open a return instead"
    return None


def _release(order: OrderState) -> str | None:
    return "it is released already" if order.released else None


def _address(order: OrderState) -> str | None:
    return "it has a shipment; redirect the parcel with the carrier instead" if order.has_shipped else None


def _reroute(order: OrderState) -> str | None:
    if any(f.is_live and not f.recall for f in order.fulfillment_orders):
        return None
    return "it has no open fulfillment order"


def _always(_order: OrderState) -> str | None:
    return None


_RULES: dict[str, tuple[Role, Callable[[OrderState], str | None] | None]] = {
    "cancel": ("support", _cancel),
    "hold": ("support", _always),
    "release": ("operations", _release),
    "address": ("support", _address),
    "re-route": ("operations", _reroute),
    "retry": ("operations", None),
}
