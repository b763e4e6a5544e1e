"""Telling a channel what changed: looks, sends the differences in batches, looks again, and goes to rest when all shows."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, cast

from temporalio import activity

from activities.halving import halving
from activities.mapped import mapped
from activities.sending import kept
from connectors.contract import ListingForm, ListingIssue, ListingRef, ListingResult, ShownListing, TakesListings
from connectors.errors import ConnectorError, NotAuthorizedError
from domain.refs import ConnectionRef, Published

if TYPE_CHECKING:
    from activities.ports import Connections, ReadsPictures
    from db.content import Batch
    from db.desks.content import ContentDesk

TURN_S = 20.0
"""How long one activity goes on: long enough that a busy channel costs few of them, short enough to be stopped."""
LINGER_S = 1.0
"""After the last change, a turn stays this long: what comes in needs no wake-up."""
PAUSE_S = 0.1
"""Between two looks at what is due: edits of this long go together."""
TROUBLE_AFTER = 3


class ContentActivities:
    """One turn per connection at a time; a turn that was given up for dead is fenced off by the next one."""

    def __init__(self, desk: "ContentDesk", connections: "Connections", read_pictures: "ReadsPictures") -> None:
        self._desk = desk
        self._connections = connections
        self._read_pictures = read_pictures

    @activity.defn
    @mapped
    async def sync_content(self, connection: ConnectionRef) -> Published:
        """Tell the channel what differs until nothing does; says when there will be something to do again."""
        name = connection.connection_id
        turn = await self._desk.begin(name)
        if not turn.is_on:
            return Published(connection_id=name, is_off=True)
        connector = await self._connections.connector(name)
        if not isinstance(connector, TakesListings):
            return Published(connection_id=name, is_off=True)
        try:
            if turn.must_discover:
                await self._discover(name, cast("TakesListings", connector))
            return await self._work_off(name, turn.epoch, cast("TakesListings", connector))
        except NotAuthorizedError as error:
            await self._desk.pause(name, error.scope, error.merchant)
            return Published(connection_id=name)
        except ConnectorError:
            if activity.info().attempt >= TROUBLE_AFTER:
                await self._desk.troubled(name)
            raise

    async def _work_off(self, name: str, epoch: int, channel: TakesListings) -> Published:
        until = monotonic() + TURN_S
        quiet_since = monotonic()
        while monotonic() < until:
            if await self._compute(name) or await self._look(name, channel) or await self._tell(name, epoch, channel):
                quiet_since = monotonic()
            elif monotonic() - quiet_since > LINGER_S and (resting := await self._desk.rest(name, epoch)):
                return resting
            await asyncio.sleep(PAUSE_S)
        return Published(connection_id=name, due_at=self._desk.now())

    async def _discover(self, name: str, channel: TakesListings) -> None:
        """Products that were on sale there before the hub was: as they show is how they are known from now on."""
        after = ""
        while refs := await self._desk.not_offered(name, after):
            await self._desk.found(name, by_product(refs, await channel.read_listings(refs)))
            activity.heartbeat()
            after = refs[-1].reference
        await self._desk.discovered(name)

    async def _compute(self, name: str) -> bool:
        if products := await self._desk.unread(name):
            await self._read_pictures(products)
        return bool(await self._desk.compute(name))

    async def _look(self, name: str, channel: TakesListings) -> bool:
        refs = await self._desk.to_look_at(name)
        if refs:
            await self._desk.looked(name, by_product(refs, await channel.read_listings(refs)))
        return bool(refs)

    async def _tell(self, name: str, epoch: int, channel: TakesListings) -> bool:
        """What stands there is read before it is replaced: no platform compares and swaps content."""
        refs = await self._desk.next_refs(name)
        if not refs:
            return False
        shown = by_product(refs, await channel.read_listings(refs))
        if batch := await self._desk.claim(name, epoch, shown):
            await self._send(name, batch, channel)
        return True

    async def _send(self, name: str, batch: "Batch", channel: TakesListings) -> None:
        async with kept(self._desk, name, batch):
            results = await halving(channel.write_listings, batch.forms, batch.key, _refused)
        await self._desk.settle(name, batch, results)


def by_product(refs: Sequence[ListingRef], shown: Sequence[ShownListing | None]) -> dict[str, ShownListing | None]:
    return {ref.reference: one for ref, one in zip(refs, shown, strict=True)}


def _refused(form: ListingForm, code: str) -> ListingResult:
    return ListingResult(ref=form.ref, outcome="rejected", issues=(ListingIssue(code=code),))
