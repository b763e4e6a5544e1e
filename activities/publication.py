"""Publishing stock: sends what is due in batches, reads back what is in doubt, and goes to rest when nothing is left."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, cast

from temporalio import activity

from activities.halving import halving
from activities.lanes import Lanes
from activities.mapped import mapped
from activities.sending import kept
from connectors.contract import CanBeOnboarded, StockResult, StockSetting, TakesStockLevels
from connectors.errors import (
    ConnectorError,
    NotAuthorizedError,
    OutcomeUnknownError,
    TryAgainError,
)
from domain.refs import ConnectionRef, Published

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.publication import PublicationDesk
    from db.publication import Batch

TURN_S = 20.0
"""How long one activity goes on: long enough that a busy channel costs few of them, short enough to be stopped."""
LINGER_S = 1.0
"""After the last number, a turn stays this long: what comes in needs no wake-up."""
PAUSE_S = 0.1
"""Between two looks, and after a batch that was not full: changes of this long go together."""
LANES = 3
"""Batches of one connection that are under way at once: while one is at the platform, others are written down.

How many calls that makes is the limiter's to say. More would only be claimed earlier, and what is urgent by then waits.
"""
TROUBLE_AFTER = 3
SOON = timedelta(seconds=1)
"""After trouble at a platform that has done something for us just before."""


@dataclass
class Done:
    """What a turn has achieved so far."""

    calls: int = 0


class PublicationActivities:
    """One turn per connection at a time; a turn that was given up for dead is fenced off by the next one."""

    def __init__(self, desk: "PublicationDesk", connections: "Connections") -> None:
        self._desk = desk
        self._connections = connections

    @activity.defn
    @mapped
    async def publish_stock(self, connection: ConnectionRef) -> Published:
        """Send the latest numbers until none is due; says when the next one will be.

        Trouble at the platform after something was done is no failed attempt: the engine would wait longer each time.
        """
        name = connection.connection_id
        turn = await self._desk.begin(name)
        if not turn.is_on:
            return Published(connection_id=name, is_off=True)
        connector = await self._connections.connector(name)
        if not isinstance(connector, TakesStockLevels):
            return Published(connection_id=name, is_off=True)
        channel = cast("TakesStockLevels", connector)
        done = Done()
        try:
            if turn.must_discover and isinstance(connector, CanBeOnboarded):
                await self._desk.found(name, await connector.opening_stock())
            while items := await self._desk.in_doubt(name):
                await self._desk.read_back(name, items, await channel.read_stock(items))
                done.calls += 1
            return await self._work_off(name, turn.epoch, channel, done)
        except NotAuthorizedError as error:
            await self._desk.pause(name, error.scope, error.merchant)
            return Published(connection_id=name)
        except (TryAgainError, OutcomeUnknownError) as trouble:
            if done.calls:
                after = getattr(trouble, "after", None) or SOON
                return Published(connection_id=name, due_at=self._desk.now() + after)
            await self._trouble(name)
            raise
        except ConnectorError:
            await self._trouble(name)
            raise

    async def _trouble(self, name: str) -> None:
        if activity.info().attempt >= TROUBLE_AFTER:
            await self._desk.troubled(name)

    async def _work_off(self, name: str, epoch: int, channel: TakesStockLevels, done: "Done") -> Published:
        until = monotonic() + TURN_S
        quiet_since = monotonic()
        async with Lanes(LANES) as lanes:
            while monotonic() < until:
                await lanes.room()
                if batch := await self._desk.claim(name, epoch):
                    lanes.begin(self._send(name, batch, channel, done))
                    quiet_since = monotonic()
                    if batch.is_full:
                        continue
                elif lanes.are_empty:  # what is under way is neither looked at nor left behind
                    if items := await self._desk.to_look_at(name):
                        await self._desk.read_back(name, items, await channel.read_stock(items))
                        done.calls += 1
                        quiet_since = monotonic()
                        continue
                    if monotonic() - quiet_since > LINGER_S and (resting := await self._desk.rest(name, epoch)):
                        return resting
                await asyncio.sleep(PAUSE_S)
        return Published(connection_id=name, due_at=self._desk.now())

    async def _send(self, name: str, batch: "Batch", channel: TakesStockLevels, done: "Done") -> None:
        async with kept(self._desk, name, batch):
            results = await halving(channel.set_stock, batch.settings, batch.key, _refused)
        await self._desk.settle(name, batch, results)
        done.calls += 1


def _refused(setting: StockSetting, code: str) -> StockResult:
    return StockResult(setting=setting, outcome="rejected", code=code)
