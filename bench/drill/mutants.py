"""Protections switched off: each mutant is the hub's own code with one thing taken out."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import update

from activities.effects import Effects
from db.ledger import LEVELS, Units, reserve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from activities.ports import Connections
    from connectors.contract import Connector, Effect, TakesFulfillmentOrders
    from domain.fulfillment import FulfillmentRequest, SentFulfillmentOrder

PLENTY = 1_000_000


class BlindEffects(Effects):
    """No intent, no look-up: an attempt whose outcome is unknown is simply repeated."""

    async def perform(
        self,
        effect: Effect,  # noqa: ARG002 the signature of the original
        call: Callable[[], Awaitable[object]],
        find: Callable[[], Awaitable[Any]],  # noqa: ARG002 the signature of the original
        settles_within: timedelta | None = None,  # noqa: ARG002 the signature of the original
    ) -> Any:
        """Only the call."""
        return await call()


class RandomReferences:
    """Opens connectors that name every attempt anew, so that the platform cannot know a repetition."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def connector(self, connection_id: str) -> Connector:
        """The connector, with the mutant around what it sends."""
        opened = await self._connections.connector(connection_id)
        return cast("Connector", _Renaming(cast("TakesFulfillmentOrders", opened)))


class _Renaming:
    def __init__(self, location: TakesFulfillmentOrders) -> None:
        self._location = location

    async def send_fulfillment_order(self, request: FulfillmentRequest, key: str) -> SentFulfillmentOrder:
        renamed = request.model_copy(update={"reference": f"{request.reference}~{secrets.token_hex(3)}"})
        return await self._location.send_fulfillment_order(renamed, key)

    async def find_fulfillment_order(self, reference: str) -> SentFulfillmentOrder | None:
        return await self._location.find_fulfillment_order(reference)


def reserve_without_condition(
    tx: Connection, order_id: str, holder: str, units: Iterable[Units], *, at: datetime
) -> bool:
    """`reserve`, with stock made plenty for its condition alone: nobody is ever told that somebody was quicker."""
    tx.execute(update(LEVELS).values(on_hand=LEVELS.c.on_hand + PLENTY))
    reserved = reserve(tx, order_id, holder, units, at=at)
    tx.execute(update(LEVELS).values(on_hand=LEVELS.c.on_hand - PLENTY))
    return reserved
