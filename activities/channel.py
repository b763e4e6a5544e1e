"""Telling the selling channel: parcels, captures, cancels."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from temporalio import activity

from activities.effects import Effects, HeldBackError
from activities.mapped import mapped
from connectors.contract import CancelsOrders, Effect, TakesPayments, TakesTracking
from connectors.errors import NotFoundAtChannelError, RejectedError
from domain.progress import Progress
from domain.refs import OrderRef, Part

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.channel import ChannelDesk

Settle = Callable[[Any], Awaitable[Progress]]
Refuse = Callable[[str], Awaitable[Progress]]


class ChannelActivities:
    """A channel that cannot be told something (a manual order's) is told nothing, and that is fine."""

    def __init__(self, desk: "ChannelDesk", effects: Effects, connections: "Connections") -> None:
        self._desk = desk
        self._effects = effects
        self._connections = connections

    @activity.defn
    @mapped
    async def report_tracking(self, part: Part) -> Progress:
        """Show a parcel to the buyer on the selling channel, and see it there."""
        notice = await self._desk.notice(part)
        connector = await self._connections.connector(part.connection_id)
        effect = _effect("tracking", part.id, part.connection_id, part.order)
        if notice is None or not isinstance(connector, TakesTracking):
            return await self._desk.reported(part, effect.key, None)
        channel = cast("TakesTracking", connector)
        return await self._tell(
            effect,
            part.order,
            lambda: channel.report_shipment(notice, effect.key),
            lambda: channel.find_shipment(notice),
            lambda shown: self._desk.reported(part, effect.key, shown),
            lambda code: self._desk.report_refused(part, effect.key, code),
        )

    @activity.defn
    @mapped
    async def capture(self, part: Part) -> Progress:
        """Take the money for what has shipped."""
        request = await self._desk.capture_due(part)
        connector = await self._connections.connector(part.connection_id)
        effect = _effect("capture", part.id, part.connection_id, part.order)
        if request is None or not isinstance(connector, TakesPayments):
            return await self._desk.captured(part, effect.key, None)
        payments = cast("TakesPayments", connector)
        return await self._tell(
            effect,
            part.order,
            lambda: payments.capture(request, effect.key),
            lambda: payments.find_capture(request),
            lambda shown: self._desk.captured(part, effect.key, shown),
            lambda code: self._desk.capture_refused(part, effect.key, code),
        )

    @activity.defn
    @mapped
    async def tell_cancel(self, order: OrderRef) -> Progress:
        """Tell the channel that the order is canceled, after every location has said so."""
        request = await self._desk.cancel_request(order)
        connector = await self._connections.connector(order.connection_id)
        effect = _effect("cancel", order.order_id, order.connection_id, order)
        if request is None or not isinstance(connector, CancelsOrders):
            return await self._desk.cancel_told(order, effect.key, None)
        channel = cast("CancelsOrders", connector)
        return await self._tell(
            effect,
            order,
            lambda: channel.cancel_order(request, effect.key),
            lambda: channel.find_cancel(request),
            lambda shown: self._desk.cancel_told(order, effect.key, shown),
            lambda code: self._desk.cancel_refused(order, effect.key, code),
        )

    async def _tell(
        self,
        effect: Effect,
        order: OrderRef,
        call: Callable[[], Awaitable[object]],
        find: Callable[[], Awaitable[Any]],
        settle: Settle,
        refuse: Refuse,
    ) -> Progress:
        try:
            shown = await self._effects.perform(effect, call, find)
        except HeldBackError:
            return await self._desk.standing(order)
        except RejectedError as refusal:
            return await refuse(refusal.reasons[0].code if refusal.reasons else "rejected")
        except NotFoundAtChannelError:
            return await refuse("not_found")
        return await settle(shown)


def _effect(kind: str, about: str, connection_id: str, order: OrderRef) -> Effect:
    return Effect(key=f"{kind}:{about}", kind=kind, connection_id=connection_id, order_id=order.order_id)
