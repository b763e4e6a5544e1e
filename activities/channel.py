"""Telling the selling channel: parcels, captures, canceled units, cancels."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from temporalio import activity

from activities.effects import Effects, HeldBackError
from activities.mapped import mapped
from connectors.contract import CancelsOrders, Effect, RefundsOrders, TakesPayments, TakesTracking
from connectors.errors import NotFoundAtChannelError, RejectedError
from domain.progress import Progress
from domain.refs import Part

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.channel import ChannelDesk


class Duty(NamedTuple):
    """One kind of thing that a channel is told: who can be told, what, how, and what is true afterwards.

    `request` answers None when there is nothing to tell any more; `told` is given None when nothing was told.
    `call` and `find` are methods of the connector.
    """

    kind: str
    protocol: type
    call: str
    find: str
    request: Callable[[Part], Awaitable[Any]]
    told: Callable[[Part, str, Any, Any], Awaitable[Progress]]
    refused: Callable[[Part, str, str], Awaitable[Progress]]


class ChannelActivities:
    """A channel that cannot be told something (a manual order's) is told nothing, and that is fine."""

    def __init__(self, desk: "ChannelDesk", effects: Effects, connections: "Connections") -> None:
        self._desk = desk
        self._effects = effects
        self._connections = connections
        duties = (
            Duty("tracking", TakesTracking, "report_shipment", "find_shipment",
                 desk.notice, desk.reported, desk.report_refused),
            Duty("capture", TakesPayments, "capture", "find_capture",
                 desk.capture_due, desk.captured, desk.capture_refused),
            Duty("refund", RefundsOrders, "refund", "find_refund",
                 desk.refund_due, desk.refunded, desk.refund_refused),
            Duty("cancel", CancelsOrders, "cancel_order", "find_cancel",
                 desk.cancel_request, desk.cancel_told, desk.cancel_refused),
        )  # fmt: skip
        self._duties = {duty.kind: duty for duty in duties}

    @activity.defn
    @mapped
    async def report_tracking(self, part: Part) -> Progress:
        """Show a parcel to the buyer on the selling channel, or its later tracking, and see it there."""
        return await self._tell("tracking", part)

    @activity.defn
    @mapped
    async def capture(self, part: Part) -> Progress:
        """Take the money for what has shipped, from whoever holds it: the channel, or a payment provider."""
        return await self._tell("capture", await self._desk.at_payments(part))

    @activity.defn
    @mapped
    async def refund_lines(self, part: Part) -> Progress:
        """Take canceled units out of the order at the channel, and give back what they cost."""
        return await self._tell("refund", part)

    @activity.defn
    @mapped
    async def tell_cancel(self, part: Part) -> Progress:
        """Tell the channel that the order is canceled, after every location has said so."""
        return await self._tell("cancel", part)

    async def _tell(self, kind: str, part: Part) -> Progress:
        duty = self._duties[kind]
        request = await duty.request(part)
        connector = await self._connections.connector(part.connection_id)
        effect = _effect(kind, part, getattr(request, "version", 1))
        if request is None or not isinstance(connector, duty.protocol):
            return await duty.told(part, effect.key, request, None)
        call, find = getattr(connector, duty.call), getattr(connector, duty.find)
        try:
            shown = await self._effects.perform(effect, lambda: call(request, effect.key), lambda: find(request))
        except HeldBackError:
            return await self._desk.standing(part.order)
        except RejectedError as refusal:
            return await duty.refused(part, effect.key, refusal.reasons[0].code if refusal.reasons else "rejected")
        except NotFoundAtChannelError:
            return await duty.refused(part, effect.key, "not_found")
        return await duty.told(part, effect.key, request, shown)


def _effect(kind: str, part: Part, version: int) -> Effect:
    """The key names what is told and, where it may be told anew, the version."""
    key = f"{kind}:{part.id}" + (f":v{version}" if version > 1 else "")
    return Effect(key=key, kind=kind, connection_id=part.connection_id, order_id=part.order.order_id)
