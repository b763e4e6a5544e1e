"""Polling a connection for what its webhooks missed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar, cast

from temporalio import activity

from activities.mapped import mapped
from connectors.contract import (
    GivesOrders,
    GivesStockNews,
    OrderPage,
    ReportsFulfillment,
    SubscribesToWebhooks,
    TracksParcels,
)
from connectors.errors import NotFoundAtChannelError, UnreadableError
from domain.refs import ConnectionRef, Swept

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.sweep import SweepDesk

T = TypeVar("T")


class SweepActivities:
    """Reads only; a connector that cannot be polled has nothing to miss."""

    def __init__(self, desk: "SweepDesk", connections: "Connections") -> None:
        self._desk = desk
        self._connections = connections

    @activity.defn
    @mapped
    async def find_missed_orders(self, connection: ConnectionRef) -> Swept:
        """Orders changed since the last sweep, with overlap; those that were news had been missed."""
        name = connection.connection_id
        connector = await self._connections.connector(name)
        if not isinstance(connector, GivesOrders):
            return Swept(connection_id=name)
        channel = cast("GivesOrders", connector)
        started, since = datetime.now(UTC), await self._desk.since(name)
        again, still = await _asked(channel.fetch_order, await self._desk.unreadable(name))
        seen, missed = len(again), await self._desk.take(name, again)
        unreadable, cursor, is_last = set(still), "", False
        while not is_last:
            page = await channel.orders_since(since, cursor)
            news, bad = await _asked(channel.fetch_order, await self._desk.unknown(name, page.listed))
            unreadable |= {*page.unreadable, *bad}
            looked_at = len(page.orders) + len(page.listed)
            found = await self._desk.take(name, (*page.orders, *news))
            await self._desk.reached(name, _reached(page) or started, looked_at, found, sorted(unreadable))
            seen, missed, cursor, is_last = seen + looked_at, missed + found, page.cursor, page.is_last
        await self._desk.swept(name, started)
        return Swept(connection_id=name, seen=seen, missed=missed)

    @activity.defn
    @mapped
    async def find_missed_reports(self, connection: ConnectionRef) -> Swept:
        """What locations show of fulfillment orders, and carriers of parcels, that they have been quiet about."""
        name = connection.connection_id
        connector = await self._connections.connector(name)
        if isinstance(connector, TracksParcels):
            return Swept(connection_id=name, scans=await self._missed_scans(name, connector))
        if not isinstance(connector, ReportsFulfillment):
            return Swept(connection_id=name)
        location = cast("ReportsFulfillment", connector)
        reports = 0
        for sent in await self._desk.quiet(name):
            reports += await self._desk.take_reports(name, await location.reports_of(sent))
        return Swept(connection_id=name, reports=reports)

    async def _missed_scans(self, name: str, carrier: TracksParcels) -> int:
        """Parcels that come back: their labels were bought here, and nobody has received them yet."""
        found = 0
        for parcel in await self._desk.parcels(name):
            scans = await carrier.scans_of(parcel.carrier, parcel.tracking_number)
            found += await self._desk.take_scans(parcel.model_copy(update={"scans": scans}))
        return found

    @activity.defn
    @mapped
    async def find_missed_counts(self, connection: ConnectionRef) -> Swept:
        """Counts and sales over the counter since the last sweep, with overlap; repeats change nothing."""
        name = connection.connection_id
        connector = await self._connections.connector(name)
        if not isinstance(connector, GivesStockNews):
            return Swept(connection_id=name)
        started, since = datetime.now(UTC), await self._desk.since(name)
        again, still = await _asked(connector.fetch_sale, await self._desk.unreadable(name))
        counts = await self._desk.take_stock_news(name, again)
        unreadable, cursor, is_last = set(still), "", False
        while not is_last:
            page = await connector.stock_news_since(since, cursor)
            unreadable |= set(page.unreadable)
            counts += await self._desk.take_stock_news(name, page.news)
            cursor, is_last = page.cursor, page.is_last
        if not isinstance(connector, GivesOrders):
            await self._desk.reached(name, started, counts, counts, sorted(unreadable))
            await self._desk.swept(name, started)
        return Swept(connection_id=name, counts=counts)

    @activity.defn
    @mapped
    async def repair_subscriptions(self, connection: ConnectionRef) -> Swept:
        """Platforms switch webhooks off: register again what should be there."""
        name = connection.connection_id
        connector = await self._connections.connector(name)
        address = await self._desk.webhook_address(name)
        if not address or not isinstance(connector, SubscribesToWebhooks):
            return Swept(connection_id=name)
        platform = cast("SubscribesToWebhooks", connector)
        missing = await platform.missing_subscriptions(address)
        if missing:
            await platform.subscribe(address)
            await self._desk.repaired(name, len(missing))
        return Swept(connection_id=name, subscriptions_repaired=len(missing))


async def _asked(
    fetch: Callable[[str], Awaitable[T | None]], external_ids: Sequence[str]
) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """What is told of each, and which cannot be read: that one hides no other, and what is gone is left out."""
    told: list[T] = []
    unreadable: list[str] = []
    answers = await asyncio.gather(*(fetch(each) for each in external_ids), return_exceptions=True)
    for name, answer in zip(external_ids, answers, strict=True):
        if isinstance(answer, UnreadableError):
            unreadable.append(name)
        elif isinstance(answer, BaseException):
            if not isinstance(answer, NotFoundAtChannelError):
                raise answer
        elif answer is not None:
            told.append(answer)
    return tuple(told), tuple(unreadable)


def _reached(page: OrderPage) -> datetime | None:
    """Up to when the page tells of changes: a sweep that breaks off is gone on with from there."""
    changes = [each.updated_at for each in page.listed] + [each.updated_at for each in page.orders]
    return max(changes, default=None)
