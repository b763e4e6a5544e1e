"""Asking locations for work, and asking it back."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from temporalio import activity

from activities.effects import SETTLES_WITHIN, Effects, HeldBackError
from activities.mapped import mapped
from connectors.contract import Effect, TakesFulfillmentOrders
from connectors.errors import NotFoundAtChannelError, RejectedError, TryAgainError
from domain.fulfillment import NEVER_ARRIVED, RecallAnswer, SentFulfillmentOrder
from domain.progress import Progress
from domain.refs import Part

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.fulfillment import FulfillmentDesk


class FulfillmentActivities:
    """Calls to whoever ships."""

    def __init__(self, desk: "FulfillmentDesk", effects: Effects, connections: "Connections") -> None:
        self._desk = desk
        self._effects = effects
        self._connections = connections

    @activity.defn
    @mapped
    async def send_fulfillment_order(self, part: Part) -> Progress:
        """Send it once; a location whose platform refuses it has rejected it."""
        request = await self._desk.request(part)
        if request is None:
            return await self._desk.standing(part.order)
        location = await self._location(part)
        effect = _effect(part, "send")
        try:
            shown = await self._effects.perform(
                effect,
                lambda: location.send_fulfillment_order(request, effect.key),
                lambda: location.find_fulfillment_order(part.id),
            )
        except HeldBackError:
            return await self._desk.standing(part.order)
        except (RejectedError, NotFoundAtChannelError) as refusal:
            return await self._desk.refused(part, effect.key, type(refusal).__name__.removesuffix("Error").lower())
        return await self._desk.sent(part, effect.key, shown)

    @activity.defn
    @mapped
    async def recall_fulfillment_order(self, part: Part) -> Progress:
        """Ask it back; "confirmed" only if the location said so, or provably never heard of it."""
        asked = await self._desk.to_recall(part)
        if asked is None:
            return await self._desk.standing(part.order)
        sent, called_at, asks = asked
        location = await self._location(part)
        effect = _effect(part, "recall", version=str(asks))
        answers: list[RecallAnswer] = []

        async def ask() -> None:
            answers.append(await self._recall(location, sent, called_at, effect.key))

        async def answered() -> RecallAnswer | None:
            if answers:
                return answers[-1]
            shown = await location.find_fulfillment_order(part.id)
            return RecallAnswer(answer="confirmed") if shown is not None and shown.state == "canceled" else None

        try:
            # Asking twice is harmless, so nothing has to settle before it is asked again.
            answer = await self._effects.perform(effect, ask, answered, settles_within=SETTLES_WITHIN * 0)
        except HeldBackError:
            return await self._desk.standing(part.order)
        except RejectedError:
            answer = RecallAnswer(answer="refused", reason="rejected")
        except NotFoundAtChannelError:  # it took the order and does not find it: only a person can tell what it will do
            answer = RecallAnswer(answer="refused", reason="not_found")
        return await self._desk.recalled(part, effect.key, answer)

    async def _recall(
        self, location: TakesFulfillmentOrders, sent: SentFulfillmentOrder, called_at: datetime | None, key: str
    ) -> RecallAnswer:
        shown = sent if sent.external_id else await location.find_fulfillment_order(sent.reference)
        if shown is not None:
            return await location.recall_fulfillment_order(shown, key)
        early = (called_at + SETTLES_WITHIN - datetime.now(UTC)) if called_at else SETTLES_WITHIN * 0
        if early > SETTLES_WITHIN * 0:
            raise TryAgainError("it may still arrive there", after=early)
        return RecallAnswer(answer="confirmed", reason=NEVER_ARRIVED)

    async def _location(self, part: Part) -> TakesFulfillmentOrders:
        return cast("TakesFulfillmentOrders", await self._connections.connector(part.connection_id))


def _effect(part: Part, kind: str, version: str = "") -> Effect:
    key = f"{kind}:{part.id}{':' + version if version else ''}"
    return Effect(key=key, kind=kind, connection_id=part.connection_id, order_id=part.order.order_id)
