"""Telling the selling channel: parcels and cancels."""

from typing import TYPE_CHECKING

from temporalio import activity

from activities.duties import Duties, Duty
from activities.effects import Effects
from activities.mapped import mapped
from connectors.contract import CancelsOrders, TakesTracking
from domain.progress import Progress
from domain.refs import Part

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.channel import ChannelDesk


class ChannelActivities:
    """What the buyer sees at the channel follows what happened."""

    def __init__(self, desk: "ChannelDesk", effects: Effects, connections: "Connections") -> None:
        duties = (
            Duty("tracking", TakesTracking, "report_shipment", "find_shipment",
                 desk.notice, desk.reported, desk.report_refused),
            Duty("cancel", CancelsOrders, "cancel_order", "find_cancel",
                 desk.cancel_request, desk.cancel_told, desk.cancel_refused),
        )  # fmt: skip
        self._duties = Duties(desk, effects, connections, duties)

    @activity.defn
    @mapped
    async def report_tracking(self, part: Part) -> Progress:
        """Show a parcel to the buyer on the selling channel, or its later tracking, and see it there."""
        return await self._duties.tell("tracking", part)

    @activity.defn
    @mapped
    async def tell_cancel(self, part: Part) -> Progress:
        """Tell the channel that the order is canceled, after every location has said so."""
        return await self._duties.tell("cancel", part)
