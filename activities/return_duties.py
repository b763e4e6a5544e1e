"""What a return asks of the outside: the channel told, a label bought or given back, money refunded, the buyer written to."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from temporalio import activity

from activities.effects import Effects, HeldBackError
from activities.mapped import mapped
from connectors.contract import BuysLabels, Effect, Label, LabelRequest, PaymentRequest, RefundsOrders, TakesReturns
from connectors.contract.returns import ReturnRequest
from connectors.errors import NotFoundAtChannelError, RejectedError
from domain.refs import DutyRef
from domain.returns.progress import Progress

if TYPE_CHECKING:
    from activities.ports import Connections, Notifier
    from db.desks.return_duties import ReturnDutyDesk


class Write(NamedTuple):
    """A write and its look-up; `only_by_hand` when the platform cannot do it at all and a person must."""

    call: Callable[[], Awaitable[object]]
    find: Callable[[], Awaitable[Any]]


class ReturnDutyActivities:
    """Each duty is one effect; a platform that knows no returns is told nothing, and that is fine."""

    def __init__(
        self, desk: "ReturnDutyDesk", effects: Effects, connections: "Connections", notifier: "Notifier"
    ) -> None:
        self._desk = desk
        self._effects = effects
        self._connections = connections
        self._notifier = notifier

    @activity.defn
    @mapped
    async def do_duty(self, about: DutyRef) -> Progress:
        """Make one write and see it; a refusal is for a person to look at."""
        request = await self._desk.request(about)
        if request is None:
            return await self._desk.skipped(about)
        effect = Effect(
            key=f"return:{about.id}", kind=f"return_{about.kind}", connection_id=about.connection_id, return_id=about.given.return_id
        )  # fmt: skip
        write = await self._write(about, request, effect.key)
        if write is None:
            return await self._unable(about, effect)
        try:
            shown = await self._effects.perform(effect, write.call, write.find)
        except HeldBackError:
            return await self._desk.standing(about.given)
        except RejectedError as refusal:
            return await self._desk.refused(
                about, effect.key, refusal.reasons[0].code if refusal.reasons else "rejected"
            )
        except NotFoundAtChannelError:
            return await self._desk.refused(about, effect.key, "not_found")
        return await self._desk.done(about, effect.key, shown)

    async def _unable(self, about: DutyRef, effect: Effect) -> Progress:
        """Money must go back all the same: a person pays it. Whatever else the platform cannot be told is not told."""
        if about.kind == "refund":
            return await self._desk.refused(about, effect.key, "cannot_refund")
        return await self._desk.skipped(about)

    async def _write(self, about: DutyRef, request: Any, key: str) -> Write | None:
        if about.kind == "notify":
            return (
                Write(lambda: self._notifier.send(request), self._notifier.sent(request))
                if self._notifier.is_on
                else None
            )
        connector = await self._connections.connector(about.connection_id)
        match request:
            case PaymentRequest() if isinstance(connector, RefundsOrders):
                payments = cast("RefundsOrders", connector)
                return Write(lambda: payments.refund(request, key), lambda: payments.find_refund(request))
            case LabelRequest() if isinstance(connector, BuysLabels):
                carrier = cast("BuysLabels", connector)
                return Write(lambda: carrier.buy_label(request, key), lambda: carrier.find_label(request))
            case (Label() as label, LabelRequest() as bought) if isinstance(connector, BuysLabels):
                return self._voiding(cast("BuysLabels", connector), label, bought, key)
            case ReturnRequest() if isinstance(connector, TakesReturns):
                return self._telling(cast("TakesReturns", connector), about.kind, request, key)
            case _:
                return None

    @staticmethod
    def _voiding(carrier: BuysLabels, label: Label, bought: LabelRequest, key: str) -> Write:
        async def voided() -> Label | None:
            shown = await carrier.find_label(bought)
            return shown if shown is None or shown.is_voided else None

        return Write(lambda: carrier.void_label(label, key), voided)

    @staticmethod
    def _telling(channel: TakesReturns, kind: str, request: ReturnRequest, key: str) -> Write:
        """What each step makes of the return is seen in what the channel then shows of it."""
        tell = {
            "register": channel.open_return, "decline": channel.decline_return,
            "process": channel.process_return, "close": channel.close_return,
        }[kind]  # fmt: skip

        async def shown() -> Any:
            found = await channel.find_return(request)
            return found if found is not None and _shows(kind, found, request) else None

        return Write(lambda: tell(request, key), shown)


def _shows(kind: str, found: Any, request: ReturnRequest) -> bool:
    match kind:
        case "register":
            return bool(found.status == "open" if request.again else found.status != "requested")
        case "decline":
            return found.status in {"declined", "canceled", "closed"}
        case "close":
            return found.status in {"closed", "canceled", "declined"}
        case "process":
            processed = {line: done for line, _asked, done in found.lines}
            return found.status == "closed" or all(processed.get(line, 0) >= units for line, units, _ in request.lines)
        case _:
            return True
