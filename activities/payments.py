"""Money of an order at whoever holds it, the channel or a payment provider: captured, given up, given back."""

from typing import TYPE_CHECKING

from temporalio import activity

from activities.duties import Duties, Duty
from activities.effects import Effects
from activities.mapped import mapped
from connectors.contract import RefundsOrders, TakesPayments, VoidsPayments
from domain.progress import Progress
from domain.refs import Part

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.payments import PaymentDesk


class PaymentActivities:
    """The payment port; each movement is settled once and read back."""

    def __init__(self, desk: "PaymentDesk", effects: Effects, connections: "Connections") -> None:
        self._desk = desk
        duties = (
            Duty("capture", TakesPayments, "capture", "find_capture", desk.step_due, desk.captured, desk.step_refused),
            Duty("void", VoidsPayments, "void", "find_void", desk.step_due, desk.voided, desk.step_refused),
            Duty("refund", RefundsOrders, "refund", "find_refund", desk.refund_due, desk.refunded, desk.refund_refused),
        )
        self._duties = Duties(desk, effects, connections, duties)

    @activity.defn
    @mapped
    async def capture(self, part: Part) -> Progress:
        """Take the money for what has shipped, from every authorization that it needs."""
        for step in await self._desk.steps_of(part):
            await self._duties.tell("capture", step)
        return await self._desk.capture_told(part)

    @activity.defn
    @mapped
    async def void_authorization(self, part: Part) -> Progress:
        """Give up money that was authorized and will never be captured."""
        return await self._duties.tell("void", await self._desk.step_at_holder(part))

    @activity.defn
    @mapped
    async def refund_lines(self, part: Part) -> Progress:
        """Take canceled units out of the order at the channel, and give back what they cost."""
        return await self._duties.tell("refund", await self._desk.refund_at_holder(part))
